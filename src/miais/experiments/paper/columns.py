"""Columns that the paper's tables have in common, and the notes that explain them."""

from typing import Any

from miais.experiments.paper.table import Record
from miais.experiments.results import Column


def fact(title: str, key: str) -> Column:
    """A column of facts."""
    return Column(title, lambda record: str(record["values"]["facts"].get(key, "")))


def number(title: str, *path: str, digits: int = 4, sign: str = "") -> Column:
    """A column of scores, means over the seeds; with an interval, where the scores have `_low` and `_high`.

    Args:
        title: Its head.
        path: Keys of the score.
        digits: After the point.
        sign: "+" to show the sign of positive ones too.
    """

    def mean(record: Record, *keys: str) -> float | None:
        found: Any = record["values"]["scores"]
        for key in keys:
            found = None if found is None else found.get(key)
        return None if found is None else float(found["mean"])

    def cell(record: Record) -> str:
        value = mean(record, *path)
        if value is None:
            return ""
        text = f"{value:{sign}.{digits}f}"
        low, high = (mean(record, *path[:-1], f"{path[-1]}_{end}") for end in ("low", "high"))
        return text if low is None or high is None else f"{text} [{low:{sign}.{digits}f}, {high:{sign}.{digits}f}]"

    return Column(title, cell)


METHOD = fact("method", "method")
SEEDS = Column("seeds", lambda record: str(record["values"]["seeds"]))
PSNR, ACCURACY = number("PSNR, dB", "container", "mean_psnr_db", digits=2), number("Acc", "accuracy")
FIDELITY = (
    number("MSE", "container", "mse"),
    PSNR,
    number("MS-SSIM", "container", "ms_ssim"),
    number("MS-SSIM, authors'", "container", "ms_ssim_miais"),
)
RECOGNITION = (
    number("DR (StegExpose)", "dr", digits=3),
    ACCURACY,
    number("plain", "plain"),
    number("drop, points", "drop", digits=2, sign="+"),
)
NOTES = (
    "From containers saved as 8-bit PNG and read again, of secrets and in covers that no training has seen. DR is the "
    "area under StegExpose's ROC curve, containers against covers; Acc is 10-fold verification of people, or "
    "classification of known labels; plain is the secret classifier on the plain secrets of the same pairs.",
    "Means over the seeds; in brackets 95% intervals over people, secrets or covers, means over the seeds too.",
)
