"""The ablation as a figure: what each row loses, beside its PSNR."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from miais.experiments.figures import write_figure


def draw_drops(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Draw the paired accuracy drop and the PSNR of every row, the mean and the range over its seeds.

    Args:
        path: Of the figure, a PNG; matplotlib is in the extra `report`.
        records: As `over_seeds` gives them.
    """
    from matplotlib.figure import Figure

    names = [record["name"] for record in records]
    figure = Figure(figsize=(9.0, 1.2 + 0.32 * len(names)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, key, title in ((left, "drop", "paired accuracy drop, points"), (right, "psnr_db", "container PSNR, dB")):
        scores = [record["values"]["scores"]["none"][key] for record in records]
        means = [score["mean"] for score in scores]
        reach = [
            [score["mean"] - score["low"] for score in scores],
            [score["high"] - score["mean"] for score in scores],
        ]
        axes.errorbar(means, range(len(names)), xerr=reach, fmt="o", markersize=5, capsize=3)
        axes.axvline(means[0], color="0.5", linestyle="--", linewidth=1)
        axes.set_xlabel(title)
        axes.grid(alpha=0.3)
    left.set_xscale("symlog", linthresh=2)  # most rows lose a point at most, some lose thirty
    left.set_xticks([-1, 0, 1, 2, 5, 10, 20, 40], ["-1", "0", "1", "2", "5", "10", "20", "40"])
    left.minorticks_off()
    left.set_yticks(range(len(names)), names)
    left.invert_yaxis()
    write_figure(figure, path)
