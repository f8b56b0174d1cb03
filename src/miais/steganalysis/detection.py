"""How well a detector's score tells containers from the covers that they were made of."""

from dataclasses import dataclass

import torch
from torch import Tensor

from miais.metrics.bootstrap import bootstrap_interval


@dataclass(frozen=True)
class Detection:
    """Containers against clean covers.

    Attributes:
        auc: Probability that a container scores above a cover, ties half, in [0, 1]: 0.5 is guessing, and below it
            the detector would do better upside down.
        auc_low: Lower end of its 95% interval over covers.
        auc_high: Upper end.
        containers: Number of containers.
        covers: Number of covers.
    """

    auc: float
    auc_low: float
    auc_high: float
    containers: int
    covers: int


def detection(covers: Tensor, containers: Tensor, cover_of: Tensor) -> Detection:
    """Compare the scores of containers with those of their covers.

    Args:
        covers: Score of each cover, higher for more suspicious, shape (C,). NaN, no answer, counts as the lowest.
        containers: Score of each container, shape (N,).
        cover_of: Position in `covers` of each container's cover, int64, shape (N,).

    Raises:
        ValueError: If shapes do not fit or one of them is empty.

    Example:
        >>> scores = detection(torch.tensor([0.1, 0.3]), torch.tensor([0.2, 0.4]), torch.tensor([0, 1]))
        >>> scores.auc
        0.75
    """
    if not len(covers) or not len(containers) or containers.shape != cover_of.shape:
        raise ValueError(
            f"expected scores of covers and containers, and a cover for each container, got {len(covers)}, "
            f"{len(containers)} and {len(cover_of)}"
        )
    clean, suspect = (scores.double().nan_to_num(nan=-torch.inf) for scores in (covers, containers))
    wins = (suspect > clean[:, None]).double() + (suspect == clean[:, None]).double() / 2  # (C, N)
    # Containers of one cover resemble each other: they are drawn together, as the cover is.
    by_cover = torch.zeros(len(clean), len(clean), dtype=torch.float64).index_add(1, cover_of, wins)
    count = torch.bincount(cover_of, minlength=len(clean)).double()

    def area(weights: Tensor) -> Tensor:
        return ((weights @ by_cover) * weights).sum(dim=1) / (weights.sum(dim=1) * (weights @ count))

    low, high = bootstrap_interval(area, torch.arange(len(clean)))
    once = area(torch.ones(1, len(clean), dtype=torch.float64))
    return Detection(float(once), low, high, len(containers), len(covers))
