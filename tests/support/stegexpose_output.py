"""Our numbers for a picture against a row of the real StegExpose's output."""

import csv
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from miais.steganalysis.stegexpose import (
    chi_square,
    chi_square_p_values,
    primary_sets,
    rs_analysis,
    sample_pairs,
    stegexpose_report,
)

COLOURS = ("red", "green", "blue")
STAGES = {"primary_sets": "ps", "sample_pairs": "sp", "chi_square": "cs", "rs": "rs"}
TOLERANCE = 1e-9


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def disagreements(pixels: np.ndarray, row: Mapping[str, str]) -> dict[str, tuple[object, str]]:
    """Columns of the row that we do not reproduce, with our value and the tool's."""
    report, fast = stegexpose_report(pixels), stegexpose_report(pixels, fast=True)
    numbers = {
        "ps_red": primary_sets(pixels[..., 0]),
        "cs_mean_p": chi_square(pixels),
        "fused": report.fused,
        "fused_fast": fast.fused,
        **{stage: getattr(report, name) for name, stage in STAGES.items()},
    }
    for channel, colour in enumerate(COLOURS):
        numbers[f"sp_{colour}"] = sample_pairs(pixels[..., channel])
        numbers[f"rs_ov_{colour}"], numbers[f"rs_no_{colour}"] = rs_analysis(pixels[..., channel]) or (None, None)
    found = {name: (value, row[name]) for name, value in numbers.items() if not agrees(value, row[name])}

    p_values = chi_square_p_values(pixels)
    answers = [getattr(report, name) for name in STAGES]
    facts = {
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "cs_nblocks": row["cs_nblocks"] if p_values is None and int(row["cs_nblocks"]) < 256 else len(p_values),
        "n_fused": sum(value is not None and not math.isnan(value) for value in answers),
        "fast_stages": "+".join(STAGES[name] for name in fast.tried),
        "stego_0.2": str(report.stego).lower(),
    }
    return found | {name: (fact, row[name]) for name, fact in facts.items() if str(fact) != row[name]}


def agrees(value: float | None, text: str) -> bool:
    """Whether a value is the tool's: missing, NaN, infinities and the sign of zero alike, the rest within 1e-9."""
    if value is None or text == "null":
        return value is None and text == "null"
    expected = float(text.replace("Infinity", "inf"))
    if math.isnan(expected):
        return math.isnan(value)
    if math.isinf(expected):
        return value == expected
    same_zero = expected != 0 or math.copysign(1, value) == math.copysign(1, expected)
    return same_zero and abs(value - expected) <= TOLERANCE
