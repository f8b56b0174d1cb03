"""What a gallery of many people costs: enrolling, identifying, memory; and whether it finds whom the oracle finds.

    python benchmarks/gallery.py --protocol ../shared/protocol --data-root ../shared/data
        [--system lfw-single] [--people 100000] [--lite-people 20000] [--probes 1000] [--stores exact lance milvus-lite]

The people are made up. Validation pictures are hidden, each in the first of its covers, and embedded; the scatter of
their people, and that of one person's pictures, make normal distributions that people and containers are drawn from and
scaled to length 1. One container of each person is enrolled, without a thumbnail; a probe is another container of
somebody who is enrolled.

"at once" enrols all in one call, "singly" one container in a call, after all others. "identify" is the whole answer of
`miais.identification.identify` for one probe, five candidates. "memory" is what the process of its own that opens the
gallery and identifies has grown by; for `exact` that includes the containers. "rank 1" is the share of probes for which
the database names whom `exact` names, of those for which it is sure: the second person is farther by 1e-5 or more.
"""

import argparse
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import torch
from machine import describe_machine
from made_up_people import made_up, real_embeddings
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from miais.gallery.exact import ExactGallery
from miais.gallery.gallery import Enrolment, Gallery, Maker
from miais.gallery.open import open_gallery
from miais.identification import calibration_of, identify
from miais.system import load

COLUMNS = ("store", "people", "at once, 1/s", "singly, ms", "p50, ms", "p95, ms", "memory, MB", "rank 1", "sure")
SINGLY = 100
SURE = 1e-5
PLACES = {"lance": "people", "milvus-lite": "people.db"}


class Found(NamedTuple):
    """What one store did with the probes."""

    seconds: list[float]
    nearest: list[str]
    sure: list[bool]
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--protocol", type=Path, required=True)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--system", default="lfw-single")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--lite-people", type=int, default=20_000, help="for Milvus Lite")
    parser.add_argument("--probes", type=int, default=1000)
    parser.add_argument("--stores", nargs="+", choices=["exact", *PLACES], default=["exact", *PLACES])
    parser.add_argument("--real", type=int, default=10_000, help="validation pictures, at most")
    options = parser.parse_args()

    machine = describe_machine()
    real = real_embeddings(load(options.system), options.protocol, options.data_root, options.real)
    drawn = made_up(real, max(options.people, options.lite_people))
    table = Table(title="A gallery", caption=", ".join(f"{name} {value}" for name, value in machine.items()))
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "store" else "right")
    oracles: dict[int, Found] = {}
    for store in options.stores:
        people = options.lite_people if store == "milvus-lite" else options.people
        with TemporaryDirectory() as folder:
            np.savez(Path(folder) / "drawn.npz", enrolled=drawn[0][:people], probes=probed(drawn[1], people, options))
            if people not in oracles:
                oracles[people] = in_a_process(searched, "exact", folder, options.system)
            at_once, singly = in_a_process(enrolled, store, folder)
            found = oracles[people] if store == "exact" else in_a_process(searched, store, folder, options.system)
        table.add_row(store, f"{people:,}", *described(at_once, singly, found, oracles[people]))
    Console(width=140).print(table)


def described(at_once: float, singly: float, found: Found, oracle: Found) -> Sequence[str]:
    """Write down one row."""
    same = [a == b for a, b, sure in zip(found.nearest, oracle.nearest, oracle.sure, strict=True) if sure]
    milliseconds = 1e3 * np.quantile(found.seconds, [0.5, 0.95])
    return (
        f"{at_once:,.0f}",
        f"{1e3 * singly:.2f}",
        *(f"{value:.2f}" for value in milliseconds),
        f"{found.megabytes:,.0f}",
        f"{np.mean(same):.4f}",
        f"{len(same)} of {len(found.nearest)}",
    )


def probed(others: NDArray[Any], people: int, options: argparse.Namespace) -> NDArray[Any]:
    """Choose whose other containers are the probes."""
    return others[np.random.default_rng(1).choice(people, min(people, options.probes), replace=False)]


def in_a_process(work: Callable[..., Any], *arguments: object) -> Any:
    """Do something in a fresh process, whose memory is its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def gallery_of(store: str, folder: str, dimension: int) -> Gallery:
    """Open or make the gallery of a store."""
    maker = Maker("made up", "", None, dimension)
    return ExactGallery(maker) if store == "exact" else open_gallery(f"{folder}/{PLACES[store]}", maker, create=True)


def containers_of(vectors: NDArray[Any]) -> list[Enrolment]:
    now = datetime.now(UTC)
    return [Enrolment(f"person {n:07d}", torch.from_numpy(row), None, now) for n, row in enumerate(vectors)]


def enrolled(store: str, folder: str) -> tuple[float, float]:
    """Enrol all but the last at once and those singly: containers a second, and median seconds for one."""
    containers = containers_of(np.load(f"{folder}/drawn.npz")["enrolled"])
    gallery = gallery_of(store, folder, len(containers[0].embedding))
    start = time.perf_counter()
    gallery.enrol(containers[:-SINGLY])
    rate = (len(containers) - SINGLY) / (time.perf_counter() - start)
    seconds = []
    for one in containers[-SINGLY:]:
        start = time.perf_counter()
        gallery.enrol([one])
        seconds.append(time.perf_counter() - start)
    gallery.close()
    return rate, float(np.median(seconds))


def searched(store: str, folder: str, system: str) -> Found:
    """Identify every probe."""
    drawn, calibration = np.load(f"{folder}/drawn.npz"), calibration_of(load(system))
    probes = torch.from_numpy(drawn["probes"])
    before = resident_megabytes()
    gallery = gallery_of(store, folder, probes.shape[1])
    if store == "exact":
        gallery.enrol(containers_of(drawn["enrolled"]))
    identify(gallery, calibration, probes[:1])
    seconds, nearest, sure = [], [], []
    for probe in probes:
        start = time.perf_counter()
        (answer,) = identify(gallery, calibration, probe[None])
        seconds.append(time.perf_counter() - start)
        first, second, *_ = answer.candidates
        nearest.append(first.person)
        sure.append(second.distance - first.distance >= SURE)
    grown = resident_megabytes() - before
    gallery.close()
    return Found(seconds, nearest, sure, grown)


def resident_megabytes() -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()
