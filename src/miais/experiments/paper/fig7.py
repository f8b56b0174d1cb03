"""Fig. 7: the ROC curve of StegExpose, with content loss and with minimax too."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_curve

from miais.evaluation.saved import Hiding
from miais.experiments.figures import write_figure
from miais.experiments.paper.scores import one_cover_each, open_bench
from miais.experiments.paper.table import SEEDS, PaperTable, Record, SeededRow, fact, number
from miais.experiments.paper.table3 import RECIPES
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, World
from miais.experiments.tallies import tally_hidings
from miais.image import from_uint8
from miais.steganalysis.tally import stegexpose_score

SHOWN = ("paper_baseline_content", "paper_single")
PAIRS = 1000
_POINTS = 51


def fig7(workshop: Workshop, folder: Path) -> PaperTable:
    """Return the table and the figure."""
    (world,) = workshop.scale.worlds(FACES)
    settings = {"world": world.name, "pairs": PAIRS, **workshop.settings}
    rows = [
        SeededRow(
            recipe,
            {"method": RECIPES[recipe]},
            {"recipe": recipe, **settings},
            partial(_scores, workshop, world, recipe),
        )
        for recipe in SHOWN
    ]
    notes = (
        f"At most {PAIRS} containers of people of the test in covers of the test, one picture after the other, against "
        "their covers, from 8-bit PNG read again; in brackets 95% intervals over covers. 0.5 is guessing.",
    )
    area, who = number("AUC", "auc", digits=3), fact("method", "method")
    draw = partial(_draw, folder / "fig7.png")
    return PaperTable("Fig. 7: StegExpose", rows, (who, SEEDS, area), notes, (who, area), draw)


def _scores(workshop: Workshop, world: World, recipe: str, seed: int) -> Mapping[str, Any]:
    system = workshop.system_of(recipe, world, seed)
    bench = open_bench(world, workshop.scale, workshop.places, world.covers[0], system.card.image_size)
    hidings = [
        Hiding(f"{index:05d}", from_uint8(bench.secrets.pixels(index)), from_uint8(covers[0]))
        for index, covers in enumerate(one_cover_each(bench)[:PAIRS])
    ]
    report = partial(workshop.report, RECIPES[recipe])
    tally = tally_hidings(system, hidings, {"StegExpose": stegexpose_score}, report)["StegExpose"]
    labels = [0] * len(tally.clean) + [1] * len(tally.suspect)
    false, true, _ = roc_curve(labels, np.nan_to_num([*tally.clean, *tally.suspect], nan=-1.0))
    grid = np.linspace(0, 1, _POINTS)
    found = tally.detection()
    return {
        "auc": found.auc,
        "auc_low": found.auc_low,
        "auc_high": found.auc_high,
        "roc": {f"{at:.2f}": hit for at, hit in zip(grid.tolist(), np.interp(grid, false, true).tolist(), strict=True)},
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
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", linewidth=1, label="guessing")
    axes.set(title="StegExpose", xlabel="covers suspected", ylabel="containers found", xlim=(0, 1), ylim=(0, 1))
    axes.set_aspect("equal")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower right")
    write_figure(figure, path)
