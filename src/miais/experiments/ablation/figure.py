"""The ablation as a figure: what each row loses, what is left of it on the road, and its PSNR."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from miais.experiments.figures import write_figure

_MARKERS = {"none": "o", "jpeg75": "s", "resize0.5": "^"}
"""For the distortions of the ablation."""


def draw_drops(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Draw the paired accuracy drop, the area under the ROC curve and the PSNR of every row.

    Args:
        path: Of the figure, a PNG; matplotlib is in the extra `report`.
        records: As `over_seeds` gives them: shown are means, and the range over the seeds.
    """
    from matplotlib.figure import Figure

    names = [record["name"] for record in records]
    figure = Figure(figsize=(11.0, 1.4 + 0.32 * len(names)), layout="constrained")
    drops, areas, decibels = figure.subplots(1, 3, sharey=True)
    _draw(drops, records, "none", "drop")
    drops.set_xscale("symlog", linthresh=2)  # most rows lose a point at most, some lose thirty
    drops.set_xticks([-1, 0, 1, 2, 5, 10, 20, 40], ["-1", "0", "1", "2", "5", "10", "20", "40"])
    drops.minorticks_off()
    drops.set_xlabel("paired accuracy drop, points")
    for distortion, marker in _MARKERS.items():
        _draw(areas, records, distortion, "auc", marker)
    areas.set_xlabel("area under the ROC curve, 0.5 is chance")
    if len(areas.get_legend_handles_labels()[1]) > 1:
        areas.legend(fontsize=8)
    _draw(decibels, records, "none", "psnr_db")
    decibels.set_xlabel("container PSNR, dB")
    for axes in (drops, areas, decibels):
        axes.grid(alpha=0.3)
    drops.set_yticks(range(len(names)), names)
    drops.invert_yaxis()
    write_figure(figure, path)


def _draw(axes: Any, records: Sequence[Mapping[str, Any]], distortion: str, key: str, marker: str = "o") -> None:
    """Draw one score of the rows that have it, and that of the first row, the full recipe, as a line."""
    every = [record["values"]["scores"].get(distortion, {}).get(key) for record in records]
    known = [(row, score) for row, score in enumerate(every) if score is not None]
    if not known:
        return
    means = [score["mean"] for _, score in known]
    reach = [
        [score["mean"] - score["low"] for _, score in known],
        [score["high"] - score["mean"] for _, score in known],
    ]
    rows = [row for row, _ in known]
    (line, *_) = axes.errorbar(means, rows, xerr=reach, fmt=marker, markersize=5, capsize=3, label=distortion)
    if every[0] is not None:
        axes.axvline(every[0]["mean"], color=line.get_color(), linestyle="--", linewidth=1, alpha=0.6)
