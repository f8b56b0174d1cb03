"""How well detectors tell the containers of systems from their covers: the ROC curves of the paper's Fig. 7."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from miais.evaluation.saved import Hiding
from miais.experiments.figures import write_figure
from miais.experiments.results import Column, Report, ResultFolder, RowPlan
from miais.experiments.roc import finish_roc, roc_points
from miais.experiments.tallies import tally_hidings
from miais.steganalysis.tally import Score
from miais.system import StegoSystem

_TITLE = 44
"""Letters in a line above a plot."""


def run_detection(
    systems: Sequence[StegoSystem],
    detectors: Mapping[str, Score],
    hidings: Callable[[StegoSystem], Sequence[Hiding]],
    settings: Mapping[str, Any],
    results: ResultFolder,
    report: Report,
) -> dict[str, Any]:
    """Compute the rows that are missing, one for each system, and write the table and the figure.

    Args:
        systems: Of different names.
        detectors: By name.
        hidings: What a system hides where.
        settings: What else decides the rows, JSON values.
        results: Where rows, table and `roc.png` go.
        report: Told how far it is.

    Returns:
        The content of `table.json`.

    Raises:
        ValueError: If the folder has rows of other settings, or two systems have one name.
    """
    plans = [
        RowPlan(
            system.card.name,
            {**settings, "system": system.card.system_hash, "detectors": list(detectors)},
            partial(_values, system, detectors, hidings, report),
        )
        for system in systems
    ]

    def draw(records: Sequence[Mapping[str, Any]]) -> None:
        draw_roc(results.folder / "roc.png", [record["values"] for record in records])

    return results.fill(plans, "Detectors against systems", columns(list(detectors)), NOTES, draw)


def _values(
    system: StegoSystem,
    detectors: Mapping[str, Score],
    hidings: Callable[[StegoSystem], Sequence[Hiding]],
    report: Report,
) -> dict[str, Any]:
    tallies = tally_hidings(system, hidings(system), detectors, partial(report, system.card.name))
    return {
        "name": system.card.name,
        "detectors": {
            name: {**asdict(tally.detection()), "clean": tally.clean, "suspect": tally.suspect}
            for name, tally in tallies.items()
        },
    }


def draw_roc(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw a plot for each detector, with a curve for each system.

    Args:
        path: Of the figure, a PNG; matplotlib is in the extra `report`.
        rows: Values of the rows.
    """
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(name for row in rows for name in row["detectors"]))
    figure = Figure(figsize=(4.6 * len(names), 5.2), layout="constrained")
    plots = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(plots, names, strict=True):
        for row in rows:
            found = row["detectors"][name]
            axes.plot(
                *roc_points(found["clean"], found["suspect"]),
                linewidth=1.5,
                label=f"{row['name']}, AUC {found['auc']:.3f}",
            )
        finish_roc(axes, textwrap.fill(name, _TITLE))
    write_figure(figure, path)


NOTES = (
    "Areas under the ROC curve, containers against their covers, with 95% intervals over covers: 0.5 is guessing, and "
    "below it a detector would do better upside down.",
    "From containers saved as 8-bit PNG and read again, of people and in covers that neither systems nor detectors "
    "have seen in training.",
)


def columns(detectors: Sequence[str]) -> list[Column]:
    """Return the columns of the table: a system, how many containers, and what each detector finds."""

    def cell(record: Mapping[str, Any], name: str) -> str:
        found = record["values"]["detectors"][name]
        return f"{found['auc']:.3f} [{found['auc_low']:.3f}, {found['auc_high']:.3f}]"

    def count(record: Mapping[str, Any]) -> str:
        found = next(iter(record["values"]["detectors"].values()))
        return f"{found['containers']} in {found['covers']}"

    return [
        Column("system", lambda record: str(record["values"]["name"])),
        Column("containers in covers", count),
        *(Column(f"{name}, AUC [95%]", partial(cell, name=name)) for name in detectors),
    ]
