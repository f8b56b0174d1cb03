"""How long one picture takes: hide a face in it, embed the container, and what reading and writing the files adds.

    python benchmarks/latency.py [--systems light-112 paper-256] [--covers 256 512 1024 4000] [--rounds 5]

Besides the untrained systems below, `--systems` takes bundled ones and folders. Networks work at the system's size, so
a larger cover costs only resizing, rounding and file work, and on a lattice what lies at all of its samples. Median in
milliseconds, float32, one picture at a time.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import skimage.data
import torch
from machine import describe_machine
from rich.console import Console
from rich.table import Table
from torch import Tensor

from miais.card import SystemCard
from miais.image import read_image, resize, write_png
from miais.networks.lattice.keyed_slots import keyed_slots
from miais.networks.spec import NetworkSpec
from miais.system import StegoSystem, load

IDENTITIES = 1662


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", nargs="+", default=["light-112", "light-128", "light-256", "paper-256"])
    parser.add_argument("--covers", type=int, nargs="+", default=[256, 512, 1024, 4000], help="sides in pixels")
    parser.add_argument("--rounds", type=int, default=5, help="timed calls, after one that warms up")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    machine = {**describe_machine(), "device": options.device}
    table = Table(title="One picture, ms", caption=", ".join(f"{name} {value}" for name, value in machine.items()))
    for column in ("system", "cover", "hide", "embed", "write PNG", "read PNG"):
        table.add_column(column, justify="left" if column == "system" else "right")
    for name in options.systems:
        system = (untrained(name) if name in KINDS else load(name)).to(options.device)
        for side in options.covers:
            times = latencies(system, photograph(side), options.rounds)
            table.add_row(name, f"{side}x{side}", *(f"{1e3 * seconds:,.1f}" for seconds in times))
        table.add_section()
    Console().print(table)


def latencies(system: StegoSystem, cover: Tensor, rounds: int) -> tuple[float, ...]:
    """Median seconds of hiding, embedding, writing and reading. The result is on the CPU, so a GPU has finished."""
    secret = resize(photograph(160), (112, 112))
    container = system.hide(secret, cover)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "container.png"
        write_png(path, container)
        calls: tuple[Callable[[], object], ...] = (
            lambda: system.hide(secret, cover),
            lambda: system.embed(container),
            lambda: write_png(path, container),
            lambda: read_image(path),
        )
        return tuple(median_seconds(call, rounds) for call in calls)


def median_seconds(call: Callable[[], object], rounds: int) -> float:
    seconds = []
    for _ in range(rounds + 1):
        keyed_slots.cache_clear()  # the places of a container are its own: another picture would not find them here
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def photograph(side: int) -> Tensor:
    image = torch.from_numpy(skimage.data.astronaut()).permute(2, 0, 1).float() / 255
    return resize(image, (side, side))


def untrained(name: str) -> StegoSystem:
    generator, classifier, side = KINDS[name]
    size = {"image_size": side}
    specs = {
        "generator": NetworkSpec(generator, size),
        "classifier": NetworkSpec(classifier, {} if classifier == "inception" else size),
    }
    card = SystemCard(
        name=name,
        task="single",
        image_size=side,
        num_identities=IDENTITIES,
        psnr_db=44.0,
        networks={**specs, "secret_classifier": specs["classifier"]},
    )
    return StegoSystem.build(card)


KINDS = {
    "light-112": ("residual", "residue", 112),
    "light-128": ("residual", "residue", 128),
    "light-256": ("residual", "residue", 256),
    "paper-256": ("unet", "inception", 256),
}


if __name__ == "__main__":
    main()
