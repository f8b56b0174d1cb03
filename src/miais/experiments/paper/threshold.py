"""The hiding threshold against fidelity and accuracy: sections II and V of the paper's supplement."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from miais.experiments.figures import write_figure
from miais.experiments.paper.columns import ACCURACY, FIDELITY, NOTES, PSNR, RECOGNITION, SEEDS, fact
from miais.experiments.paper.scores import score
from miais.experiments.paper.table import PaperTable, Record, SeededRow
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, World

THRESHOLDS = (0.001, 0.005, 0.01, 0.02, 0.05)
RECIPE = "paper_single"


def threshold(workshop: Workshop, folder: Path) -> PaperTable:
    """Return the table of thresholds."""
    (world,) = workshop.scale.worlds(FACES)
    rows = [
        SeededRow(
            f"threshold-{value}",
            {"threshold": value},
            {"threshold": value, **workshop.settings(world, RECIPE)},
            partial(_scores, workshop, world, value),
        )
        for value in THRESHOLDS
    ]
    who = fact("hiding threshold", "threshold")
    notes = (
        *NOTES,
        "The threshold is on L_vis, 1 less MS-SSIM on the authors' scale: above it L_vis weighs more, ten times "
        "as much in Stage B and at the small scale as much as it takes. The paper's is 0.02.",
    )
    columns = (who, SEEDS, *FIDELITY, *RECOGNITION)
    draw = partial(draw_thresholds, folder / "threshold.png")
    return PaperTable("The hiding threshold", rows, columns, notes, (who, PSNR, ACCURACY), draw)


def _scores(workshop: Workshop, world: World, value: float, seed: int) -> Mapping[str, Any]:
    default = workshop.scale.recipe(RECIPE, world, seed=seed)
    recipe = replace(default, minimax=replace(default.minimax, hiding_threshold=value))
    if recipe == default:  # the paper's own threshold: other tables have trained it
        system = workshop.system_of(RECIPE, world, seed)
    else:
        system = workshop.system(recipe, f"{world.name}-{RECIPE}-{value}-{seed}", workshop.recognizer(world))
    bench = workshop.bench(world, system.card.image_size)
    return score(system, bench, partial(workshop.report, f"threshold {value}"))


def draw_thresholds(path: Path, records: list[Record]) -> None:
    """Draw PSNR and accuracy against the threshold.

    Args:
        path: Of the figure, a PNG; matplotlib is in the extra `report`.
        records: Of the table.
    """
    from matplotlib.figure import Figure

    values = [record["values"] for record in records]
    thresholds = [value["facts"]["threshold"] for value in values]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    decibels, accuracy = figure.subplots(1, 2)
    decibels.plot(thresholds, [value["scores"]["container"]["mean_psnr_db"]["mean"] for value in values], marker="o")
    decibels.set(title="container against cover", ylabel="PSNR, dB")
    hidden, plain = ([value["scores"][key]["mean"] for value in values] for key in ("accuracy", "plain"))
    accuracy.plot(thresholds, hidden, marker="o", label="containers")
    accuracy.plot(thresholds, plain, linestyle="--", color="0.5", label="plain secrets")
    accuracy.set(title="recognition", ylabel="Acc")
    accuracy.legend(fontsize=8)
    for axes in (decibels, accuracy):
        axes.set(xlabel="hiding threshold", xscale="log")
        axes.grid(alpha=0.3)
    write_figure(figure, path)
