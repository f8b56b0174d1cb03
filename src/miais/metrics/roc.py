"""Accepting and rejecting pairs by their distance: ROC, equal error rate, thresholds at a false-accept rate.

Everywhere a pair is accepted as "same person" if its distance is strictly below the threshold. A false accept is an
accepted impostor pair; FAR is their share of the impostor pairs, VAL the share of accepted genuine pairs.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from miais.metrics.pairs import check_far, check_pairs

_ROUNDING = 1e-9  # so that 0.29 * 100 allows 29 false accepts


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Every operating point of a set of pairs, from "accept none" to "accept all".

    Attributes:
        thresholds: Ascending, shape (T,): just the smallest distance, the midpoints between neighbouring distinct
            distances, and one above the largest.
        far: Share of impostor pairs accepted, shape (T,).
        val: Share of genuine pairs accepted, shape (T,).
        auc: Area under `val` over `far`, range [0, 1], higher is better.
    """

    thresholds: Tensor
    far: Tensor
    val: Tensor
    auc: float


def roc_curve(distances: Tensor, same: Tensor) -> RocCurve:
    """Compute FAR and VAL at every threshold that makes a difference.

    Args:
        distances: Finite and not negative, shape (P,).
        same: True for genuine pairs, shape (P,).

    Returns:
        The curve, float64.

    Raises:
        TypeError: If `same` is not boolean.
        ValueError: If shapes differ, a distance is negative or not finite, or either kind of pair is missing.

    Example:
        >>> curve = roc_curve(torch.tensor([0.2, 0.6, 1.1, 1.5]), torch.tensor([True, False, True, False]))
        >>> curve.far.tolist(), curve.val.tolist(), curve.auc
        ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0], 0.75)
    """
    distances, same = check_pairs(distances, same)
    thresholds, genuine, impostor = accepted_counts(distances, same)
    far, val = (counts.double() / counts[-1] for counts in (impostor, genuine))
    return RocCurve(thresholds, far, val, float(torch.trapezoid(val, far)))


def equal_error_rate(distances: Tensor, same: Tensor) -> float:
    """Error rate where false accepts and false rejects are equally frequent.

    Args:
        distances: Finite and not negative, shape (P,).
        same: True for genuine pairs, shape (P,).

    Returns:
        A fraction in [0, 1], lower is better: where the straight line between the two ROC points around FAR = 1 - VAL
        meets it.

    Raises:
        TypeError: If `same` is not boolean.
        ValueError: If shapes differ, a distance is negative or not finite, or either kind of pair is missing.

    Example:
        >>> equal_error_rate(torch.tensor([0.2, 0.6, 1.1, 1.5]), torch.tensor([True, False, True, False]))
        0.5
    """
    curve = roc_curve(distances, same)
    excess = curve.far + curve.val - 1  # FAR - FRR, rises from -1 to 1
    after = int((excess >= 0).nonzero()[0])
    part = -excess[after - 1] / (excess[after] - excess[after - 1])
    return float(torch.lerp(curve.far[after - 1], curve.far[after], part))


def threshold_at_far(distances: Tensor, same: Tensor, far: float, *, copies: int = 1) -> float:
    """Largest threshold whose false-accept rate does not exceed a target.

    Args:
        distances: Finite and not negative, shape (P,).
        same: True for genuine pairs, shape (P,).
        far: Target false-accept rate, a fraction in (0, 1), not percent.
        copies: How often each pair is among them, as in several covers.

    Returns:
        A threshold, which is always one of the impostor distances; NaN if there are too few different impostor pairs to
        resolve `far` (fewer than 1 / far).

    Raises:
        TypeError: If `same` is not boolean.
        ValueError: If shapes differ, a distance is negative or not finite, either kind of pair is missing, or `far` is
            outside (0, 1).

    Example:
        >>> threshold_at_far(torch.tensor([0.25, 0.5, 1.0, 1.5]), torch.tensor([True, True, False, False]), far=0.5)
        1.5
    """
    check_far(far)
    distances, same = check_pairs(distances, same)
    return resolved_threshold(distances[~same], far, copies=copies)


def val_at_far(distances: Tensor, same: Tensor, *, far: float = 1e-3) -> float:
    """Share of same-identity pairs accepted at a given false-accept rate, all pairs pooled.

    Args:
        distances: Finite and not negative, shape (P,).
        same: True for genuine pairs, shape (P,).
        far: Target false-accept rate, a fraction in (0, 1), not percent.

    Returns:
        VAL in [0, 1], higher is better; NaN if there are too few impostor pairs to resolve `far`.

    Raises:
        TypeError: If `same` is not boolean.
        ValueError: If shapes differ, a distance is negative or not finite, either kind of pair is missing, or `far` is
            outside (0, 1).

    References:
        Schroff et al., FaceNet, CVPR 2015, section 4. https://arxiv.org/abs/1503.03832

    Example:
        >>> val_at_far(torch.tensor([0.2, 0.6, 1.1, 1.5]), torch.tensor([True, True, False, False]), far=0.5)
        1.0
    """
    check_far(far)
    distances, same = check_pairs(distances, same)
    threshold = resolved_threshold(distances[~same], far)
    return math.nan if math.isnan(threshold) else float((distances[same] < threshold).double().mean())


def accepted_counts(distances: Tensor, same: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Count the accepted pairs of either kind at every threshold that makes a difference.

    Args:
        distances: float64, shape (P,).
        same: True for genuine pairs, shape (P,).

    Returns:
        Thresholds as in `RocCurve`, accepted genuine pairs and accepted impostor pairs, each of shape (T,).

    Example:
        >>> accepted_counts(torch.tensor([0.5, 1.5, 1.5]).double(), torch.tensor([True, True, False]))[1:]
        (tensor([0, 1, 2]), tensor([0, 0, 1]))
    """
    levels, index = distances.unique(return_inverse=True)
    counts = torch.zeros(2, len(levels) + 1, dtype=torch.int64)
    counts[0, 1:] = index[same].bincount(minlength=len(levels))
    counts[1, 1:] = index[~same].bincount(minlength=len(levels))
    genuine, impostor = counts.cumsum(dim=1)
    # A midpoint must lie above the lower distance even where the two are neighbouring floats.
    just_above = levels.nextafter(torch.tensor(math.inf, dtype=levels.dtype))
    midpoints = torch.maximum((levels[:-1] + levels[1:]) / 2, just_above[:-1])
    return torch.cat([levels[:1], midpoints, just_above[-1:]]), genuine, impostor


def resolved_threshold(impostors: Tensor, far: float, *, copies: int = 1) -> float:
    """Largest threshold that accepts at most a share `far` of the impostors.

    Args:
        impostors: Impostor distances, shape (I,).
        far: A fraction in (0, 1).
        copies: How often each pair is among them, as in several covers: that does not make it several people.

    Returns:
        The threshold, NaN if there are fewer than 1 / far different impostors.

    Example:
        >>> resolved_threshold(torch.tensor([1.5, 0.5, 1.0]), far=0.4)
        1.0
    """
    if far * len(impostors) / copies + _ROUNDING < 1:
        return math.nan
    return float(largest_threshold(impostors.sort().values, torch.ones(1, len(impostors)), far))


def largest_threshold(impostors: Tensor, weights: Tensor, far: float) -> Tensor:
    """Largest threshold that accepts at most a share `far` of the impostors' weight.

    Args:
        impostors: Impostor distances, ascending, shape (I,).
        weights: At least 0, shape (R, I); one answer per row.
        far: A fraction in (0, 1).

    Returns:
        Thresholds, each one of the distances, shape (R,); NaN where all weights are 0.

    Example:
        >>> largest_threshold(torch.tensor([0.5, 1.0, 1.5]), torch.tensor([[1.0, 1.0, 1.0], [2.0, 1.0, 0.0]]), 0.4)
        tensor([1.0000, 0.5000])
    """
    accepted = weights.double().cumsum(dim=1)
    total = accepted[:, -1:]
    # The first impostor that is one too many is still rejected by a threshold at its own distance.
    one_too_many = (accepted <= far * total + _ROUNDING).sum(dim=1).clamp(max=len(impostors) - 1)
    return torch.where(total[:, 0] > 0, impostors[one_too_many], math.nan)
