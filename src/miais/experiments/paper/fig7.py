"""Fig. 7: the ROC curve of StegExpose, with content loss and with minimax too."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from miais.experiments.figures import write_figure
from miais.experiments.paper.columns import METHOD, SEEDS, number
from miais.experiments.paper.scores import hidings_of
from miais.experiments.paper.table import PaperTable, Record, rows_by_recipe
from miais.experiments.paper.table3 import RECIPES
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, World
from miais.experiments.roc import finish_roc, roc_points
from miais.experiments.tallies import tally_hidings
from miais.steganalysis.tally import stegexpose_score

SHOWN = ("paper_baseline_content", "paper_single")
PAIRS = 1000
_POINTS = 51


def fig7(workshop: Workshop, folder: Path) -> PaperTable:
    """Return the table and the figure."""
    (world,) = workshop.scale.worlds(FACES)
    titles = {recipe: RECIPES[recipe] for recipe in SHOWN}
    rows = rows_by_recipe(titles, partial(workshop.settings, world), partial(_scores, workshop, world), pairs=PAIRS)
    notes = (
        f"At most {PAIRS} containers of people of the test in covers of the test, one picture after the other, against "
        "their covers, from 8-bit PNG read again; in brackets 95% intervals over covers. 0.5 is guessing.",
    )
    area = number("AUC", "auc", digits=3)
    draw = partial(_draw, folder / "fig7.png")
    return PaperTable("Fig. 7: StegExpose", rows, (METHOD, SEEDS, area), notes, (METHOD, area), draw)


def _scores(workshop: Workshop, world: World, recipe: str, seed: int) -> Mapping[str, Any]:
    system = workshop.system_of(recipe, world, seed)
    bench = workshop.bench(world, system.card.image_size)
    hidings = hidings_of(bench, PAIRS)
    report = partial(workshop.report, RECIPES[recipe])
    tally = tally_hidings(system, hidings, {"StegExpose": stegexpose_score}, report)["StegExpose"]
    grid = np.linspace(0, 1, _POINTS)
    found_at = np.interp(grid, *roc_points(tally.clean, tally.suspect))
    found = tally.detection()
    return {
        "auc": found.auc,
        "auc_low": found.auc_low,
        "auc_high": found.auc_high,
        "roc": {f"{at:.2f}": hit for at, hit in zip(grid.tolist(), found_at.tolist(), strict=True)},
    }


def _draw(path: Path, records: Sequence[Record]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 4.6), layout="constrained")
    axes = figure.subplots()
    for record in records:
        scores = record["values"]["scores"]
        curve = {float(at): hit["mean"] for at, hit in scores["roc"].items()}
        label = f"{record['values']['facts']['method']}, AUC {scores['auc']['mean']:.3f}"
        axes.plot(list(curve), list(curve.values()), label=label)
    finish_roc(axes, "StegExpose")
    write_figure(figure, path)
