"""Speed and memory of StegExpose: the whole in both modes, and each detector alone.

Usage:
    python benchmarks/stegexpose.py [--rounds 20] [--sides 256 512 4000] [--threads 1] [--reference FOLDER]

On the CPU. The picture is a photograph, tiled to the size, with a fifth of its last bits replaced, so that the fast
mode has more than one detector to call; "value" is the result (of red, where a detector looks at single channels), as
quality stands beside speed. Fewer rounds are run of large pictures. "memory" is the most that is allocated at a time,
the picture itself included, and is measured apart. `--reference` is a folder with `expected.csv`, what the real tool
printed, and the pictures below `png`: how far the two are apart at most is printed too.
"""

import argparse
import csv
import math
import statistics
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import skimage.data
import torch
from machine import describe_machine
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from miais.steganalysis.stegexpose import chi_square, primary_sets, rs_analysis, sample_pairs, stegexpose_report
from miais.steganalysis.stegexpose.files import analyse_file

Pixels = NDArray[np.uint8]
LARGE_SIDE = 1000  # From here on one round in ten is enough.


def every_channel(detector: Callable[[Pixels], object]) -> Callable[[Pixels], object]:
    def red_of_all(pixels: Pixels) -> object:
        red, _, _ = (detector(pixels[..., channel]) for channel in range(3))
        return red

    return red_of_all


PARTS: dict[str, Callable[[Pixels], object]] = {
    "default mode": lambda pixels: stegexpose_report(pixels).fused,
    "fast mode": lambda pixels: stegexpose_report(pixels, fast=True).fused,
    "primary sets, red": lambda pixels: primary_sets(pixels[..., 0]),
    "sample pairs, 3 channels": every_channel(sample_pairs),
    "chi-square": chi_square,
    "RS analysis, 3 channels": every_channel(rs_analysis),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--sides", type=int, nargs="+", default=[256, 512, 4000])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--reference", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    machine = describe_machine() | {"numpy": np.__version__}
    table = Table(title="StegExpose", caption=", ".join(f"{k} {v}" for k, v in machine.items()))
    for column in ("picture", "part", "value", "ms: median (minimum)", "memory, MB"):
        table.add_column(column, justify="left" if column == "part" else "right")
    for side in arguments.sides:
        rounds = arguments.rounds if side < LARGE_SIDE else max(1, arguments.rounds // 10)
        add_rows(table, picture(side), rounds)
        table.add_section()
    Console().print(table)
    if arguments.reference is not None:
        compare(arguments.reference)


def compare(reference: Path) -> None:
    """Print by how much the numbers of a folder's pictures differ from the real tool's at most."""
    columns = {"ps": "primary_sets", "sp": "sample_pairs", "cs": "chi_square", "rs": "rs", "fused": "fused"}
    worst, values, otherwise = 0.0, 0, 0
    with (reference / "expected.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        reports = [analyse_file(reference / "png" / row["file"], fast=fast).report for fast in (False, True)]
        pairs = [(getattr(reports[0], name), row[column]) for column, name in columns.items()]
        for ours, text_of_theirs in (*pairs, (reports[1].fused, row["fused_fast"])):
            theirs = None if text_of_theirs == "null" else float(text_of_theirs)
            if ours is None or theirs is None or math.isnan(ours) or math.isnan(theirs):
                otherwise += str(ours) != str(theirs)
            else:
                worst, values = max(worst, abs(ours - theirs)), values + 1
    print(
        f"{len(rows)} pictures, {values} values: differ by {worst:.1e} at most; {otherwise} missing or NaN otherwise "
        "than in the real tool"
    )


def add_rows(table: Table, pixels: Pixels, rounds: int) -> None:
    for name, part in PARTS.items():
        value = part(pixels)  # also warms up
        seconds = []
        for _ in range(rounds):
            start = time.perf_counter()
            part(pixels)
            seconds.append(time.perf_counter() - start)
        times = f"{1e3 * statistics.median(seconds):.2f} ({1e3 * min(seconds):.2f})"
        size = f"{pixels.shape[1]}x{pixels.shape[0]}"
        table.add_row(size, name, text(value), times, f"{(pixels.nbytes + peak(part, pixels)) / 1e6:.1f}")


def text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(text(each) for each in value)
    return f"{value:.6f}" if isinstance(value, float) else "missing"


def peak(part: Callable[[Pixels], object], pixels: Pixels) -> int:
    tracemalloc.start()
    part(pixels)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def picture(side: int) -> Pixels:
    photograph = skimage.data.astronaut()
    repeats = -(-side // len(photograph))
    pixels = np.tile(photograph, (repeats, repeats, 1))[:side, :side].copy()
    rng = np.random.default_rng(0)
    replaced = rng.random(pixels.shape, dtype=np.float32) < 0.2
    pixels[replaced] = (pixels[replaced] & 0xFE) | rng.integers(0, 2, np.count_nonzero(replaced), dtype=np.uint8)
    return pixels


if __name__ == "__main__":
    main()
