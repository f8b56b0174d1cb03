"""How the rows of the privacy experiment stand in its table."""

from collections.abc import Mapping
from typing import Any

from miais.experiments.results import Column

TITLE = "What an attacker learns from containers"
NOTES = (
    "Containers are saved as 8-bit PNG and read again. People and covers of the test are not those that attackers "
    "learn from. Intervals are 95%, over people.",
    "Acc is 10-fold verification accuracy on the protocol's pairs, 0.5 is chance. With three covers, containers are "
    "compared with containers. Where something is reconstructed, each secret is taken from its first cover alone, and "
    "the reconstruction of image a is compared with the plain image b by the system's own secret classifier.",
    "Who sees nothing but covers takes different people in one cover for the same person, and the protocol has few "
    "covers: such a reader's VAL lies below chance, which is 0.01.",
    "An attacker who fails here shows only that this network in this time fails. The numbers depend on the minutes.",
)
Record = Mapping[str, Any]


def _score(title: str, part: str, key: str, digits: int = 4) -> Column:
    def cell(record: Record) -> str:
        scores = record["values"][part]
        return "" if scores is None else _number(scores[key], digits)

    return Column(title, cell)


def _interval(title: str, part: str, keys: tuple[str, str, str]) -> Column:
    def cell(record: Record) -> str:
        scores = record["values"][part]
        if scores is None:
            return ""
        value, low, high = (_number(scores[key]) for key in keys)
        return f"{value} [{low}, {high}]"

    return Column(title, cell)


def _text(title: str, key: str) -> Column:
    def cell(record: Record) -> str:
        value = record["values"][key]
        return "" if value is None else str(value)

    return Column(title, cell)


def _number(value: float | None, digits: int = 4) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


_ACCURACY = ("accuracy", "accuracy_low", "accuracy_high")
_NAME = Column("row", lambda record: str(record["name"]))
_ACC = _interval("Acc [95%]", "matching", _ACCURACY)
_AUC = _score("AUC", "matching", "auc")
_LIKENESS = (_score("PSNR, dB", "likeness", "mean_psnr_db", 2), _score("MS-SSIM", "likeness", "ms_ssim"))
COLUMNS = (
    _NAME,
    _text("attacker has", "attacker"),
    _text("pairs", "train_pairs"),
    _text("covers", "copies"),
    _ACC,
    _interval("VAL@FAR 1e-2 [95%]", "matching", ("val_at_far_1e2", "val_low", "val_high")),
    _AUC,
    *_LIKENESS,
    _interval("Acc on plain secrets [95%]", "plain", _ACCURACY),
    _score("minutes", "training", "minutes", 1),
    _score("steps", "training", "steps", 0),
)
"""For `table.md`. What does not exist, such as the infinite PSNR of equal pictures, is a dash."""
SHORT_COLUMNS = (_NAME, _ACC, _score("VAL@1e-2", "matching", "val_at_far_1e2"), _AUC, *_LIKENESS)
"""For a terminal."""
