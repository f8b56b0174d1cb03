"""ROC curves of detectors' scores: the points, and how all figures of them look."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

_NO_ANSWER = -1.0
"""Below every score."""
Scores = Sequence[float | None]


def roc_points(clean: Scores, suspect: Scores) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the shares of covers suspected and of containers found, from (0, 0) to (1, 1).

    Args:
        clean: Score of each cover; no answer, None or NaN, counts as the lowest.
        suspect: Score of each container.
    """
    labels = [0] * len(clean) + [1] * len(suspect)
    scores = np.nan_to_num(np.array([*clean, *suspect], dtype=np.float64), nan=_NO_ANSWER)
    false, true, _ = roc_curve(labels, scores)
    return false, true


def finish_roc(axes: Any, title: str) -> None:
    """Draw guessing, and name the axes, of a plot that has its curves."""
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", linewidth=1, label="guessing")
    axes.set_title(title, fontsize=9)
    axes.set(xlabel="covers suspected", ylabel="containers found", xlim=(0, 1), ylim=(0, 1))
    axes.set_aspect("equal")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower right")
