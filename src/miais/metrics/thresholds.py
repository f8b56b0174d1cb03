"""Thresholds at a false-accept rate with their intervals, from impostor pairs alone."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from miais.metrics.bootstrap import bootstrap_interval
from miais.metrics.roc import largest_threshold, resolved_threshold

REPORTED_FARS = (1e-1, 1e-2, 1e-3)


class ThresholdAtFar(NamedTuple):
    """A threshold with its 95% interval, in units of the distance; NaN if the impostor pairs are too few.

    Attributes:
        threshold: Largest one with at most the stated false-accept rate, all pairs pooled.
        low: Lower end of the interval.
        high: Upper end.
    """

    threshold: float
    low: float
    high: float


def impostor_thresholds(embeddings: Tensor, identities: Tensor, *, pairs: int = 100_000) -> dict[float, ThresholdAtFar]:
    """Thresholds at the false-accept rates 1e-1, 1e-2 and 1e-3 from many pairs of different people.

    The pairs of a protocol are too few to resolve 1e-3: among 1000 impostors that is one pair.

    Args:
        embeddings: Of the same images in several covers, shape (copies, N, D).
        identities: Of the images, integer, shape (N,).
        pairs: Number of different pairs to draw; all there are, if they are fewer. Each is measured in one cover.

    Returns:
        From false-accept rates to thresholds, with intervals over people.

    Raises:
        ValueError: If all images show one person.

    Example:
        >>> embeddings = torch.linspace(0, 1, 60).view(1, 60, 1)
        >>> found = impostor_thresholds(embeddings, torch.arange(60))
        >>> round(found[0.1].threshold, 2), round(found[0.01].threshold, 2)
        (0.07, 0.02)
    """
    embeddings, identities = embeddings.detach().double().cpu(), identities.cpu()
    first, second = torch.triu_indices(len(identities), len(identities), offset=1)
    different = identities[first] != identities[second]
    if not different.any():
        raise ValueError("expected images of at least two people, got those of one")
    first, second = first[different], second[different]
    chosen = torch.randperm(len(first), generator=torch.Generator().manual_seed(0))[:pairs]
    first, second, cover = first[chosen], second[chosen], torch.arange(len(chosen)) % len(embeddings)
    impostors = (embeddings[cover, first] - embeddings[cover, second]).norm(dim=1)
    people = identities[first], identities[second]
    return {far: threshold_with_interval(impostors, people, far) for far in REPORTED_FARS}


def threshold_with_interval(
    impostors: Tensor, people: tuple[Tensor, Tensor], far: float, *, copies: int = 1
) -> ThresholdAtFar:
    """Largest threshold at a false-accept rate, with its interval over people.

    Args:
        impostors: Impostor distances, shape (I,).
        people: The two identities of each pair, integer, each of shape (I,).
        far: A fraction in (0, 1).
        copies: How often each pair is among them, as in several covers.

    Example:
        >>> people = torch.tensor([1, 1, 2]), torch.tensor([2, 3, 3])
        >>> threshold_with_interval(torch.tensor([1.5, 0.5, 1.0]), people, far=0.4).threshold
        1.0
    """
    threshold = resolved_threshold(impostors, far, copies=copies)
    if math.isnan(threshold):
        return ThresholdAtFar(math.nan, math.nan, math.nan)
    ascending, order = impostors.sort()
    first, second = (side[order] for side in people)
    return ThresholdAtFar(
        threshold, *bootstrap_interval(lambda weights: largest_threshold(ascending, weights, far), first, second)
    )
