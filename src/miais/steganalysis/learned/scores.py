"""How well a detector tells containers from covers, and what it says of clean pictures of another source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from miais.metrics.bootstrap import bootstrap_interval, weighted_mean
from miais.steganalysis.learned.batches import check_size, windows
from miais.steganalysis.learned.detector import THRESHOLD, Detector
from miais.steganalysis.learned.pairs import StegoPair

Progress = Callable[[int, int], None]
"""Called with the number done and the number of all."""


_FALSE_ALARMS = 0.05


@dataclass(frozen=True)
class DetectionScores:
    """A detector on covers and their containers, one each; 95% intervals over covers.

    Attributes:
        accuracy: Share of right answers at the threshold 0.5.
        accuracy_low: Lower end of its interval.
        accuracy_high: Upper end.
        auc: Probability that a container scores above a cover, ties half.
        auc_low: Lower end of its interval.
        auc_high: Upper end.
        tpr: Share of the containers above the threshold.
        fpr: Share of the covers above it.
        tpr_at_5: Share of the containers above a threshold that at most one cover in twenty is above: who looks through
            many pictures cannot afford more false alarms.
        pairs: Number of squares, or of pictures, that were compared, as covers and as containers.
        covers: Number of different covers.
    """

    accuracy: float
    accuracy_low: float
    accuracy_high: float
    auc: float
    auc_low: float
    auc_high: float
    tpr: float
    fpr: float
    tpr_at_5: float
    pairs: int
    covers: int


class PairScores(NamedTuple):
    """A detector on pairs of pictures.

    Attributes:
        squares: Of its own size, side by side, each by itself.
        pictures: Whole ones, as `Detector.score` sees them: the logits of their squares are averaged.
        clean: The score of each cover, as a whole picture, ascending.
    """

    squares: DetectionScores
    pictures: DetectionScores
    clean: list[float]


def score_pairs(detector: Detector, pairs: Sequence[StegoPair], progress: Progress | None = None) -> PairScores:
    """Try a detector on pairs.

    Raises:
        ValueError: If there are no pairs, or a picture is too small.
    """
    clean, suspect = _log_odds(detector, pairs, progress)
    numbers = {pair.cover: index for index, pair in enumerate(pairs)}
    cover_of = torch.tensor([numbers[pair.cover] for pair in pairs])
    squares = torch.tensor([len(odds) for odds in clean])
    each_cover, each_container = (torch.cat(side).sigmoid() for side in (clean, suspect))
    cover, container = (torch.stack([odds.mean() for odds in side]).sigmoid() for side in (clean, suspect))
    return PairScores(
        detection_scores(each_cover, each_container, cover_of.repeat_interleave(squares)),
        detection_scores(cover, container, cover_of),
        sorted(cover[index].item() for index in numbers.values()),
    )


def calibration(detector: Detector, pairs: Sequence[StegoPair]) -> tuple[float, float]:
    """Return what a detector's log odds are multiplied by, and what is added, so that they are odds (Platt scaling).

    Its last layer rarely stands where errors of both kinds are equally many. Two numbers are fitted, on pairs that it
    has not been trained on.

    Returns:
        1 and 0, no change, for a detector that tells nothing apart.

    Raises:
        ValueError: As `score_pairs`.

    References:
        Platt, Probabilistic Outputs for Support Vector Machines, Advances in Large Margin Classifiers, 1999.
    """
    clean, suspect = (torch.cat(side).double().numpy() for side in _log_odds(detector, pairs))
    odds, labels = np.concatenate([clean, suspect]), [0] * len(clean) + [1] * len(suspect)
    fitted = LogisticRegression().fit(odds[:, None], labels)
    scale = float(fitted.coef_[0, 0])
    return (scale, float(fitted.intercept_[0])) if scale > 0 else (1.0, 0.0)


def _log_odds(
    detector: Detector, pairs: Sequence[StegoPair], progress: Progress | None = None
) -> tuple[list[Tensor], list[Tensor]]:
    """Return the log odds of the squares of each pair's cover, and of its container."""
    if not pairs:
        raise ValueError("expected pairs to try the detector on, got none")
    size = detector.card.image_size
    of_cover: dict[str, Tensor] = {}  # one that many pairs share is looked at once
    clean, suspect = [], []
    for done, pair in enumerate(pairs, start=1):
        images = pair.load(0)
        check_size(images[0], size, pair.cover)
        if pair.cover not in of_cover:
            of_cover[pair.cover] = detector.logits(windows(images[0], size))
        clean.append(of_cover[pair.cover])
        suspect.append(detector.logits(windows(images[1], size)))
        if progress is not None:
            progress(done, len(pairs))
    return clean, suspect


def detection_scores(covers: Tensor, containers: Tensor, cover_of: Tensor) -> DetectionScores:
    """Compare scores.

    Args:
        covers: Score of the cover of each pair, in [0, 1], shape (P,).
        containers: Score of its container, shape (P,).
        cover_of: Which cover it is, int64, shape (P,).

    Example:
        >>> found = detection_scores(torch.tensor([0.1, 0.6]), torch.tensor([0.9, 0.55]), torch.tensor([0, 1]))
        >>> found.accuracy, found.auc, found.tpr, found.fpr
        (0.75, 0.75, 1.0, 0.5)
    """
    covers, containers = covers.double(), containers.double()
    hits, alarms = (containers > THRESHOLD).double(), (covers > THRESHOLD).double()
    right = (hits + 1 - alarms) / 2
    wins = (containers > covers[:, None]).double() + (containers == covers[:, None]).double() / 2  # (cover, container)

    def accuracy(weights: Tensor) -> Tensor:
        return weighted_mean(right, weights)

    def area(weights: Tensor) -> Tensor:
        return ((weights @ wins) * weights).sum(dim=1) / weights.sum(dim=1).square()

    strict = covers.sort(descending=True).values[int(_FALSE_ALARMS * len(covers))]
    once = torch.ones(1, len(covers), dtype=torch.float64)
    right_low, right_high = bootstrap_interval(accuracy, cover_of)
    area_low, area_high = bootstrap_interval(area, cover_of)
    return DetectionScores(
        accuracy=float(accuracy(once)),
        accuracy_low=right_low,
        accuracy_high=right_high,
        auc=float(area(once)),
        auc_low=area_low,
        auc_high=area_high,
        tpr=float(hits.mean()),
        fpr=float(alarms.mean()),
        tpr_at_5=float((containers > strict).double().mean()),
        pairs=len(covers),
        covers=cover_of.unique().numel(),
    )


def clean_scores(detector: Detector, images: Sequence[Tensor], progress: Progress | None = None) -> list[float]:
    """Score clean pictures, bytes (3, H, W), in ascending order; those too small for the detector are left out."""
    found = []
    for done, image in enumerate(images, start=1):
        if min(image.shape[1:]) >= detector.card.image_size:
            found.append(detector.score(image))
        if progress is not None:
            progress(done, len(images))
    return sorted(found)
