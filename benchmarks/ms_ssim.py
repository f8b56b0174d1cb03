"""Speed of MS-SSIM, ours against pytorch-msssim and torchmetrics: forward, and forward with backward.

Usage:
    python benchmarks/ms_ssim.py [--rounds 10] [--threads 2]

On the CPU. The reference is a photograph, the image is it with noise; "value" is the result, as quality stands beside
speed. The other two refuse images of 160 px and less. The rounds of all implementations are interleaved.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import pytorch_msssim
import skimage.data
import torch
from machine import describe_machine
from rich.console import Console
from rich.table import Table
from torch import Tensor
from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

from miais.image import resize
from miais.metrics import ms_ssim

SIZES = (256, 128)
IMPLEMENTATIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "miais, standard": lambda image, reference: ms_ssim(image, reference).mean(),
    "miais, variant miais": lambda image, reference: ms_ssim(image, reference, variant="miais"),
    "pytorch-msssim": lambda image, reference: pytorch_msssim.ms_ssim(image, reference, data_range=1),
    "torchmetrics": lambda image, reference: multiscale_structural_similarity_index_measure(
        image, reference, data_range=1.0
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    machine = describe_machine()
    table = Table(title="MS-SSIM, ms: median (minimum)", caption=", ".join(f"{k} {v}" for k, v in machine.items()))
    for column in ("batch", "implementation", "value", "forward", "forward + backward"):
        table.add_column(column, justify="left" if column == "implementation" else "right")
    for size in SIZES:
        add_rows(table, size, arguments.rounds)
        table.add_section()
    Console().print(table)


def add_rows(table: Table, size: int, rounds: int) -> None:
    image, reference = batch(size)
    names = [name for name in IMPLEMENTATIONS if size > 160 or name.startswith("miais")]
    seconds: dict[tuple[str, bool], list[float]] = {(name, back): [] for name in names for back in (False, True)}
    for round_ in range(rounds + 1):
        for (name, backward), measured in seconds.items():
            duration = seconds_of(IMPLEMENTATIONS[name], image.requires_grad_(backward), reference)
            if round_ > 0:  # the first one warms up
                measured.append(duration)
    for name in names:
        value = IMPLEMENTATIONS[name](image.detach(), reference).item()
        times = [summary(seconds[name, backward]) for backward in (False, True)]
        table.add_row(f"8x3x{size}x{size}", name, f"{value:.6f}", *times)


def summary(seconds: list[float]) -> str:
    return f"{1e3 * statistics.median(seconds):.1f} ({1e3 * min(seconds):.1f})"


def seconds_of(similarity: Callable[[Tensor, Tensor], Tensor], image: Tensor, reference: Tensor) -> float:
    start = time.perf_counter()
    result = similarity(image, reference)
    if image.requires_grad:
        result.backward()
    return time.perf_counter() - start


def batch(size: int) -> tuple[Tensor, Tensor]:
    photograph = torch.from_numpy(skimage.data.astronaut()).permute(2, 0, 1).float() / 255
    reference = resize(photograph, (size, size)).expand(8, -1, -1, -1).contiguous()
    noise = torch.randn(reference.shape, generator=torch.Generator().manual_seed(0))
    return (reference + 0.05 * noise).clamp(0, 1), reference


if __name__ == "__main__":
    main()
