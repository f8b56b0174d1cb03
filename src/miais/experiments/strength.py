"""How quietly a system may hide and still be recognised: PSNR and accuracy by strength, a curve for each system."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from miais.evaluation.classes import ClassEvaluation
from miais.evaluation.face_scores import FaceEvaluation
from miais.experiments.figures import write_figure
from miais.experiments.results import Column, ResultFolder, RowPlan
from miais.system import StegoSystem

PAPER = {"the paper, single-task": (22.85, 0.8752), "the paper, multitask": (22.00, 0.8690)}
"""PSNR in dB and accuracy in Tables III and VI of Cui et al., 2021; its plain faces have 0.8780."""
STARTERS = {"lfw-starter": (44.08, 0.8694), "lfw-starter-multi": (32.24, 0.8723)}
"""The same of our first systems, `docs/results.md`; their plain faces have 0.8773."""
Score = Callable[[StegoSystem, float], FaceEvaluation | ClassEvaluation]
"""Scores a system that hides at a strength."""
Values = Mapping[str, Any]


def run_strength(
    systems: Sequence[StegoSystem],
    strengths: Sequence[float],
    score: Score,
    settings: Mapping[str, Any],
    results: ResultFolder,
) -> dict[str, Any]:
    """Compute the rows that are missing, and write the table after each, then the figure.

    Args:
        systems: Of different names.
        strengths: In [0, 1].
        score: How a row is scored.
        settings: What else decides the rows, JSON values.
        results: Where rows, table and figure go.

    Returns:
        The content of `table.json`.

    Raises:
        ValueError: If the folder has rows of other settings, or two systems have one name.
    """
    plans = [
        RowPlan(
            f"{system.card.name}-{strength:g}",
            {**settings, "system": system.card.system_hash, "strength": strength},
            partial(_values, score, system, strength),
        )
        for system in systems
        for strength in strengths
    ]

    def draw(records: Sequence[Values]) -> None:
        draw_curves(results.folder / "strength.png", [record["values"] for record in records])

    return results.fill(plans, "Accuracy by strength", COLUMNS, NOTES, draw)


def _values(score: Score, system: StegoSystem, strength: float) -> Values:
    result = score(system, strength)
    if isinstance(result, ClassEvaluation):
        accuracy = {"plain": result.plain_accuracy, "accuracy": result.accuracy, "low": None, "high": None}
    else:
        pairs = result.hidden.verification
        accuracy = {
            "plain": result.plain.verification.accuracy,
            "accuracy": pairs.accuracy,
            "low": pairs.accuracy_low,
            "high": pairs.accuracy_high,
        }
    drop = {"drop": result.drop.drop, "drop_low": result.drop.low, "drop_high": result.drop.high}
    fidelity = {"psnr_db": result.container.mean_psnr_db, "ms_ssim": result.container.ms_ssim}
    return {"name": system.card.name, "strength": strength, **fidelity, **accuracy, **drop}


def draw_curves(path: Path, rows: Sequence[Values]) -> None:
    """Draw accuracy over PSNR: a curve for each system, the plain secret as a line, the paper's results as stars.

    Those of our first systems stand there as crosses.

    Args:
        path: Of the figure, a PNG; matplotlib is in the extra `report`.
        rows: `name`, `psnr_db`, `accuracy`, `low`, `high` and `plain`, as in the table.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.5), layout="constrained")
    axes = figure.subplots()
    for name in dict.fromkeys(row["name"] for row in rows):
        curve = sorted((row for row in rows if row["name"] == name), key=lambda row: row["psnr_db"])
        across, up = ([row[key] for row in curve] for key in ("psnr_db", "accuracy"))
        (line,) = axes.plot(across, up, marker="o", markersize=4, label=name)
        if all(row["low"] is not None for row in curve):
            low, high = ([row[key] for row in curve] for key in ("low", "high"))
            axes.fill_between(across, low, high, color=line.get_color(), alpha=0.12, linewidth=0)
    for plain in sorted({round(row["plain"], 4) for row in rows}):
        axes.axhline(plain, color="0.4", linestyle="--", linewidth=1, label=f"plain secret, {plain:.4f}")
    for points, marker in ((PAPER, "*"), (STARTERS, "P")):
        for name, (decibels, accuracy) in points.items():
            axes.plot(decibels, accuracy, marker=marker, markersize=9, linestyle="none", label=name)
    axes.set(xlabel="PSNR of the container, dB", ylabel="accuracy on containers")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower left")
    write_figure(figure, path)


NOTES = (
    "Containers are saved as 8-bit PNG and read again, each picture in one cover; intervals are 95%, over people. "
    "Strength 1 is what a system was trained for, and less is not in its training.",
)


def _column(title: str, key: str, digits: int) -> Column:
    return Column(title, lambda record: f"{record['values'][key]:.{digits}f}")


def _drop(record: Values) -> str:
    drop, low, high = (record["values"][key] for key in ("drop", "drop_low", "drop_high"))
    return f"{drop:+.2f} [{low:+.2f}, {high:+.2f}]"


COLUMNS = (
    Column("system", lambda record: str(record["values"]["name"])),
    Column("strength", lambda record: f"{record['values']['strength']:g}"),
    _column("PSNR, dB", "psnr_db", 2),
    _column("MS-SSIM", "ms_ssim", 4),
    _column("Acc", "accuracy", 4),
    _column("Acc, plain", "plain", 4),
    Column("drop, points [95%]", _drop),
)
