"""What steg-classifiers see of people, in two dimensions: t-SNE, and how well people are apart."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from miais.data.secrets import SecretSet
from miais.experiments.figures import write_figure

Plane = dict[str, Any]
"""A scatter plot: `title`, `points`, `labels` and, where some are marked, `marked`; JSON values."""


def most_shown(secrets: SecretSet, people: int, pictures: int) -> list[int]:
    """Return the numbers of so many pictures of each of the people who have most of them."""
    of_person = torch.bincount(secrets.labels)
    chosen = of_person.argsort(descending=True, stable=True)[:people]
    return [int(number) for person in chosen for number in (secrets.labels == person).nonzero().flatten()[:pictures]]


def t_sne(features: Tensor, seed: int) -> NDArray[np.float64]:
    """Place features (N, D) on a plane (N, 2), near ones near each other.

    References:
        van der Maaten, Hinton, Visualizing Data using t-SNE, JMLR 9, 2008.
    """
    from sklearn.manifold import TSNE

    perplexity = min(30.0, (len(features) - 1) / 3)
    placed: NDArray[np.float64] = TSNE(perplexity=perplexity, random_state=seed).fit_transform(
        features.double().numpy()
    )
    return placed


def silhouette(features: Tensor, labels: Tensor) -> float:
    """Say how well labels are apart in the features: -1 to 1, 0 where they are mixed.

    References:
        Rousseeuw, Silhouettes, Journal of Computational and Applied Mathematics 20, 1987.
    """
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(features.double().numpy(), labels.numpy()))


def first_planes(folder: Path, pattern: str) -> Any:
    """Return what the first file of a pattern holds: of the first seed.

    Args:
        folder: Of JSON files.
        pattern: Of their names.

    Raises:
        FileNotFoundError: If there is none.
    """
    found = sorted(folder.glob(pattern))
    if not found:
        raise FileNotFoundError(f"{folder} has no {pattern}")
    return json.loads(found[0].read_text(encoding="utf-8"))


def draw_planes(path: Path, planes: Sequence[Plane]) -> None:
    """Draw scatter plots side by side, a colour for each label.

    Args:
        path: Of the figure, a PNG; matplotlib is in the extra `report`.
        planes: At least one.
    """
    from matplotlib.figure import Figure

    columns = min(4, len(planes))
    lines = -(-len(planes) // columns)
    figure = Figure(figsize=(3.2 * columns, 3.3 * lines), layout="constrained")
    plots = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes, plane in zip(plots, planes, strict=False):
        points, labels = np.asarray(plane["points"]), np.asarray(plane["labels"])
        axes.scatter(points[:, 0], points[:, 1], c=labels, cmap="tab10", vmin=0, vmax=9, s=14)
        marked = np.asarray(plane.get("marked", []), dtype=bool)
        if marked.any():
            axes.scatter(points[marked, 0], points[marked, 1], marker="x", c="red", s=28, linewidth=1)
        axes.set_title(plane["title"], fontsize=9)
        axes.set(xticks=[], yticks=[])
    for axes in plots[len(planes) :]:
        axes.set_axis_off()
    write_figure(figure, path)
