"""Is this the same person? One report on fixed pairs in folds, and the accuracy that hiding costs.

Distances are those of embeddings, Euclidean as a rule; below the threshold means "same". The intervals resample people.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from miais.metrics.bootstrap import Interval, bootstrap_interval, weighted_mean
from miais.metrics.folds import FoldScores, judge_pairs, val_at_far_by_fold, verification_accuracy
from miais.metrics.pairs import check_identities, check_pairs
from miais.metrics.roc import RocCurve, equal_error_rate, roc_curve, threshold_at_far, val_at_far
from miais.metrics.thresholds import REPORTED_FARS, ThresholdAtFar, impostor_thresholds, threshold_with_interval

__all__ = [
    "FoldScores",
    "PairedDrop",
    "RocCurve",
    "ThresholdAtFar",
    "VerificationReport",
    "equal_error_rate",
    "impostor_thresholds",
    "judge_pairs",
    "paired_accuracy_drop",
    "roc_curve",
    "threshold_at_far",
    "val_at_far",
    "val_at_far_by_fold",
    "verification_accuracy",
    "verification_report",
]


@dataclass(frozen=True)
class PairedDrop:
    """How much accuracy is lost between two systems on the same pairs, in percentage points.

    Attributes:
        drop: Accuracy of the first minus that of the second; positive if the second is worse.
        low: Lower end of the 95% interval.
        high: Upper end.
    """

    drop: float
    low: float
    high: float


@dataclass(frozen=True)
class VerificationReport:
    """All verification scores of one system; fractions, not percent.

    Attributes:
        accuracy: Mean accuracy over the folds.
        accuracy_low: Lower end of its 95% interval over identities.
        accuracy_high: Upper end.
        fold_std: Population standard deviation of the accuracy over the folds.
        val_at_far_1e2: Mean over the folds of VAL at FAR 1e-2.
        val_at_far_1e3: The same at FAR 1e-3.
        eer: Equal error rate, all pairs pooled.
        auc: Area under the ROC curve, all pairs pooled.
        thresholds: From the false-accept rates 1e-1, 1e-2 and 1e-3 to thresholds of the pooled pairs.
        pairs: Number of pairs, copies included.
    """

    accuracy: float
    accuracy_low: float
    accuracy_high: float
    fold_std: float
    val_at_far_1e2: float
    val_at_far_1e3: float
    eer: float
    auc: float
    thresholds: dict[float, ThresholdAtFar]
    pairs: int


def verification_report(
    distances: Tensor, same: Tensor, folds: Tensor, identities_a: Tensor, identities_b: Tensor, *, copies: int = 1
) -> VerificationReport:
    """Score a system on fixed verification pairs.

    The accuracy's interval resamples the people of the pairs that `judge_pairs` has judged once: the thresholds are not
    chosen anew. A threshold's interval is rough where only a handful of impostors may be accepted.

    Args:
        distances: Finite and not negative, shape (P,).
        same: True for genuine pairs, shape (P,).
        folds: Fold of each pair, integer, shape (P,).
        identities_a: Identity of the first half of each pair, integer, shape (P,).
        identities_b: Identity of the second half, integer, shape (P,).
        copies: How often each pair is among them, once for each cover. All are pooled, but more copies do not resolve a
            smaller false-accept rate.

    Returns:
        The report; NaN where there are too few different impostor pairs to resolve a false-accept rate.

    Raises:
        TypeError: If `same` is not boolean, or folds or identities are not integers.
        ValueError: If shapes differ, a distance is negative or not finite, either kind of pair is missing, there are
            fewer than two folds, or `same` contradicts the identities.

    Example:
        >>> same = torch.tensor([True, False, True, False])
        >>> people = torch.tensor([1, 1, 2, 2]), torch.tensor([1, 2, 2, 3])
        >>> report = verification_report(torch.tensor([0.2, 1.0, 0.8, 0.9]), same, torch.tensor([0, 0, 1, 1]), *people)
        >>> report.accuracy, report.auc, report.val_at_far_1e3
        (0.75, 1.0, nan)
    """
    scores = verification_accuracy(distances, same, folds)
    distances, same = check_pairs(distances, same)
    people = _check_people(same, identities_a, identities_b)
    correct = judge_pairs(distances, same, folds)
    accuracy_low, accuracy_high = _mean_of_folds_interval(correct, folds, people)
    return VerificationReport(
        accuracy=scores.mean,
        accuracy_low=accuracy_low,
        accuracy_high=accuracy_high,
        fold_std=scores.std,
        val_at_far_1e2=val_at_far_by_fold(distances, same, folds, far=1e-2, copies=copies).mean,
        val_at_far_1e3=val_at_far_by_fold(distances, same, folds, far=1e-3, copies=copies).mean,
        eer=equal_error_rate(distances, same),
        auc=roc_curve(distances, same).auc,
        thresholds={
            far: threshold_with_interval(distances[~same], (people[0][~same], people[1][~same]), far, copies=copies)
            for far in REPORTED_FARS
        },
        pairs=len(distances),
    )


def paired_accuracy_drop(
    distances_plain: Tensor,
    distances_container: Tensor,
    same: Tensor,
    folds: Tensor,
    identities_a: Tensor,
    identities_b: Tensor,
) -> PairedDrop:
    """Accuracy on plain secrets minus accuracy on containers, on the same pairs.

    Each system is judged with its own thresholds, once, by `judge_pairs`; the interval resamples the people (seed 0) of
    the differences pair by pair, so what makes a pair hard for both systems cancels.

    Args:
        distances_plain: Between plain secrets, finite and not negative, shape (P,).
        distances_container: Between containers of the same pairs in the same order, shape (P,).
        same: True for genuine pairs, shape (P,).
        folds: Fold of each pair, integer, shape (P,).
        identities_a: Identity of the first half of each pair, integer, shape (P,).
        identities_b: Identity of the second half, integer, shape (P,).

    Returns:
        The drop in percentage points.

    Raises:
        TypeError: If `same` is not boolean, or folds or identities are not integers.
        ValueError: As `verification_report`.

    Example:
        >>> same, folds = torch.tensor([True, False, True, False]), torch.tensor([0, 0, 1, 1])
        >>> people = torch.tensor([1, 1, 2, 2]), torch.tensor([1, 2, 2, 3])
        >>> plain, container = torch.tensor([0.2, 1.0, 0.5, 0.9]), torch.tensor([0.2, 1.0, 0.8, 0.9])
        >>> paired_accuracy_drop(plain, container, same, folds, *people).drop
        25.0
    """
    people = _check_people(same.cpu(), identities_a, identities_b)
    plain, container = (judge_pairs(distances, same, folds) for distances in (distances_plain, distances_container))
    lost = 100 * (plain.double() - container.double())
    drop = weighted_mean(lost, _fold_weights(folds)[None]).item()
    return PairedDrop(drop, *_mean_of_folds_interval(lost, folds, people))


def _fold_weights(folds: Tensor) -> Tensor:
    """Weights under which the mean over pairs is the mean over folds of each fold's mean."""
    _, index, sizes = folds.cpu().unique(return_inverse=True, return_counts=True)
    return 1 / sizes[index].double()


def _mean_of_folds_interval(values: Tensor, folds: Tensor, people: tuple[Tensor, Tensor]) -> Interval:
    fold_weights = _fold_weights(folds)
    return bootstrap_interval(lambda weights: weighted_mean(values, weights * fold_weights), *people)


def _check_people(same: Tensor, identities_a: Tensor, identities_b: Tensor) -> tuple[Tensor, Tensor]:
    identities_a, identities_b = check_identities(identities_a, identities_b)
    if not torch.equal(same, identities_a == identities_b):
        raise ValueError("`same` must be True exactly where the two identities are equal; check the order of the pairs")
    return identities_a, identities_b
