"""Confidence intervals that resample people, not pictures: pairs that share a person are not independent."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from miais.metrics.pairs import check_identities

_BLOCK = 100  # resamples that are held in memory at a time


class Interval(NamedTuple):
    """A central 95% interval.

    Attributes:
        low: The 2.5% point of the resampled statistic.
        high: The 97.5% point.
    """

    low: float
    high: float


def bootstrap_interval(
    statistic: Callable[[Tensor], Tensor],
    identities_a: Tensor,
    identities_b: Tensor | None = None,
    *,
    seed: int = 0,
    repeats: int = 1000,
) -> Interval:
    """95% percentile interval of a weighted statistic over resampled identities.

    Each resample draws as many identities as there are, with replacement. With m_i the times identity i was drawn, an
    item of one identity weighs m_i, and an item of two different identities m_a * m_b: the number of copies of it among
    the drawn people. The product carries the dependence of pairs that share a person; where pairs are in truth
    independent the interval is too wide rather than too narrow (Owen's pigeonhole bootstrap).

    Args:
        statistic: Maps weights of shape (R, P), one row per resample, to R values, shape (R,).
        identities_a: Identity of each item, or of the first half of each pair, integer, shape (P,).
        identities_b: Identity of the second half of each pair, integer, shape (P,); None if items have one identity.
        seed: Of the resampling; equal seeds draw equal resamples.
        repeats: Number of resamples.

    Returns:
        The interval; resamples in which the statistic is NaN do not count. NaN twice if there are fewer than two
        identities.

    Raises:
        TypeError: If identities are not integers.
        ValueError: If the identities' shapes differ or are not (P,), or if `repeats` is below 1.

    References:
        Owen, The pigeonhole bootstrap, Annals of Applied Statistics 1(2), 2007. https://doi.org/10.1214/07-AOAS122

    Example:
        >>> correct = torch.tensor([1.0, 1.0, 0.0, 1.0])
        >>> bootstrap_interval(lambda weights: weighted_mean(correct, weights), torch.tensor([1, 1, 2, 3]))
        Interval(low=0.0, high=1.0)
    """
    if repeats < 1:
        raise ValueError(f"expected at least 1 resample, got repeats={repeats}")
    pairs = check_identities(identities_a, identities_a if identities_b is None else identities_b)
    blocks = [statistic(weights) for weights in _resampled_weights(*pairs, seed, repeats)]
    if not blocks:
        return Interval(float("nan"), float("nan"))
    low, high = torch.cat(blocks).double().nanquantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return Interval(low, high)


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Mean of the values under each row of weights, NaN where all weights are 0.

    Args:
        values: Shape (P,).
        weights: At least 0, shape (R, P).

    Returns:
        One mean per row, float64, shape (R,).

    Example:
        >>> weighted_mean(torch.tensor([0.0, 1.0]), torch.tensor([[1.0, 1.0], [1.0, 3.0]]))
        tensor([0.5000, 0.7500], dtype=torch.float64)
    """
    weights = weights.double()
    return weights @ values.double() / weights.sum(dim=1)


def _resampled_weights(identities_a: Tensor, identities_b: Tensor, seed: int, repeats: int) -> Iterator[Tensor]:
    people, index = torch.stack([identities_a, identities_b]).unique(return_inverse=True)
    if len(people) < 2:
        return
    first, second = index
    generator = torch.Generator().manual_seed(seed)
    for start in range(0, repeats, _BLOCK):
        drawn = torch.randint(len(people), (min(_BLOCK, repeats - start), len(people)), generator=generator)
        times = torch.zeros(drawn.shape, dtype=torch.float64)
        times.scatter_add_(1, drawn, torch.ones_like(times))
        yield times[:, first] * torch.where(first == second, 1.0, times[:, second])
