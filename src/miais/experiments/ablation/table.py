"""How the rows of the ablation stand in its table: means over seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

from miais.experiments.results import Column
from miais.experiments.seeds import spread

TITLE = "The strong recipes without one of their ideas"
NOTES = (
    "All rows of a group but the untrained one take the same number of steps; the minutes say what they cost.",
    "Scored on validation people, each picture in one held-out cover, from saved 8-bit files: nothing is chosen on the "
    "test split.",
    "Means over the seeds, and in brackets the least and the largest. The 95% interval of one drop is about a point "
    "either way; AUC, over the same pairs, moves less by chance.",
)
Record = Mapping[str, Any]


def over_seeds(name: str, records: Sequence[Record]) -> dict[str, Any]:
    """Combine the records of a row's seeds.

    Returns:
        `name`, `values`: as of the seeds, each score with `mean`, `low` and `high`, None where there is none; and
        `provenance`: of each seed.
    """
    first = records[0]["values"]
    scores = spread([record["values"]["scores"] for record in records])
    minutes = sum(record["values"]["minutes"] for record in records) / len(records)
    values = {**first, "minutes": minutes, "seeds": len(records), "scores": scores}
    return {"name": name, "values": values, "provenance": [record["provenance"] for record in records]}


def _score(title: str, key: str, digits: int, distortion: str = "none", sign: str = "") -> Column:
    def cell(record: Record) -> str:
        score = record["values"]["scores"].get(distortion, {}).get(key)
        if score is None:
            return ""
        mean, low, high = (f"{score[end]:{sign}.{digits}f}" for end in ("mean", "low", "high"))
        return mean if record["values"]["seeds"] == 1 else f"{mean} [{low}, {high}]"

    return Column(title, cell)


_NAME = Column("row", lambda record: str(record["name"]))
_PSNR, _DROP = _score("PSNR, dB", "psnr_db", 2), _score("drop, points", "drop", 2, sign="+")
COLUMNS = (
    _NAME,
    Column("without", lambda record: str(record["values"]["without"])),
    Column("seeds", lambda record: str(record["values"]["seeds"])),
    Column("steps", lambda record: str(record["values"]["steps"])),
    Column("minutes", lambda record: f"{record['values']['minutes']:.1f}"),
    _PSNR,
    _score("MS-SSIM", "ms_ssim", 4),
    _score("Acc", "accuracy", 4),
    _DROP,
    _score("AUC", "auc", 4),
    _score("AUC, JPEG q75", "auc", 4, "jpeg75"),
    _score("AUC, half size", "auc", 4, "resize0.5"),
    _score("restored, dB", "restored_db", 2),
)
"""For `table.md`."""
SHORT_COLUMNS = (_NAME, _PSNR, _DROP)
"""For a terminal."""
