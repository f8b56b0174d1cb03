"""Scores in folds, as Labeled Faces in the Wild defines them: what is chosen for a fold is chosen on the others.

Huang et al., Labeled Faces in the Wild, 2007. https://vis-www.cs.umass.edu/lfw/lfw.pdf
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from miais.metrics.pairs import check_far, check_folds, check_pairs
from miais.metrics.roc import accepted_counts, resolved_threshold


@dataclass(frozen=True)
class FoldScores:
    """One score per fold.

    Attributes:
        mean: Mean over the folds, a fraction in [0, 1].
        std: Population standard deviation over the folds.
        folds: The scores in ascending order of the fold's number.
    """

    mean: float
    std: float
    folds: tuple[float, ...]


def judge_pairs(distances: Tensor, same: Tensor, folds: Tensor) -> Tensor:
    """Tell which pairs are judged right by the threshold that the other folds choose.

    The threshold is the one of best accuracy, the lowest of equals, among the midpoints between the neighbouring
    distances of the other folds and one beyond either end: exact, without a grid. A distance below it means "same".

    Args:
        distances: Finite and not negative, shape (P,).
        same: True for genuine pairs, shape (P,).
        folds: Fold of each pair, integer, shape (P,).

    Returns:
        True where right, shape (P,).

    Raises:
        TypeError: If `same` is not boolean or `folds` not integer.
        ValueError: If shapes differ, a distance is negative or not finite, either kind of pair is missing, or there are
            fewer than two folds.

    Example:
        >>> same = torch.tensor([True, False, True, False])
        >>> judge_pairs(torch.tensor([0.2, 1.0, 0.8, 0.9]), same, torch.tensor([0, 0, 1, 1]))
        tensor([ True,  True, False,  True])
    """
    distances, same = check_pairs(distances, same)
    folds = check_folds(folds, len(distances))
    return (distances < _held_out_thresholds(distances, same, folds, _most_accurate_threshold)) == same


def verification_accuracy(distances: Tensor, same: Tensor, folds: Tensor) -> FoldScores:
    """Accuracy in each fold with the threshold that the other folds choose, as `judge_pairs` finds it.

    Args:
        distances: Finite and not negative, shape (P,).
        same: True for genuine pairs, shape (P,).
        folds: Fold of each pair, integer, shape (P,).

    Returns:
        The scores; chance is the share of the more frequent kind of pair.

    Raises:
        TypeError: If `same` is not boolean or `folds` not integer.
        ValueError: As `judge_pairs`.

    Example:
        >>> same = torch.tensor([True, False, True, False])
        >>> verification_accuracy(torch.tensor([0.2, 1.0, 0.8, 0.9]), same, torch.tensor([0, 0, 1, 1]))
        FoldScores(mean=0.75, std=0.25, folds=(1.0, 0.5))
    """
    return _fold_scores(judge_pairs(distances, same, folds), folds)


def val_at_far_by_fold(
    distances: Tensor, same: Tensor, folds: Tensor, *, far: float = 1e-3, copies: int = 1
) -> FoldScores:
    """VAL in each fold at the largest threshold whose false-accept rate on the other folds is at most `far`.

    Args:
        distances: Finite and not negative, shape (P,).
        same: True for genuine pairs, shape (P,).
        folds: Fold of each pair, integer, shape (P,). A fold without genuine pairs has no score.
        far: Target false-accept rate, a fraction in (0, 1), not percent.
        copies: How often each pair is among them, as in several covers.

    Returns:
        The scores; NaN in a fold for which the others have too few different impostor pairs to resolve `far`, and then
        in the mean too.

    Raises:
        TypeError: If `same` is not boolean or `folds` not integer.
        ValueError: As `judge_pairs`, or if `far` is outside (0, 1).

    Example:
        >>> same = torch.tensor([True, False, False, True, False, False])
        >>> distances = torch.tensor([0.2, 0.9, 1.0, 0.8, 0.7, 0.9])
        >>> val_at_far_by_fold(distances, same, torch.tensor([0, 0, 0, 1, 1, 1]), far=0.5).folds
        (1.0, 1.0)
    """
    accepted = accepted_at_far(distances, same, folds, far=far, copies=copies)
    same, folds = same.cpu(), folds.cpu()
    return _fold_scores(accepted[same], folds[same])


def accepted_at_far(distances: Tensor, same: Tensor, folds: Tensor, *, far: float, copies: int = 1) -> Tensor:
    """Tell which pairs are accepted by the threshold that the other folds choose at a false-accept rate.

    Args:
        distances: Finite and not negative, shape (P,).
        same: True for genuine pairs, shape (P,).
        folds: Fold of each pair, integer, shape (P,).
        far: Target false-accept rate, a fraction in (0, 1), not percent.
        copies: How often each pair is among them, as in several covers.

    Returns:
        1 where accepted and 0 where not, NaN where the other folds have too few different impostor pairs to resolve
        `far`; float64, shape (P,).

    Raises:
        TypeError: If `same` is not boolean or `folds` not integer.
        ValueError: As `judge_pairs`, or if `far` is outside (0, 1).

    Example:
        >>> same = torch.tensor([True, False, False, True, False, False])
        >>> distances = torch.tensor([0.2, 0.9, 1.0, 0.8, 0.7, 0.9])
        >>> accepted_at_far(distances, same, torch.tensor([0, 0, 0, 1, 1, 1]), far=0.5)
        tensor([1., 0., 0., 1., 1., 1.], dtype=torch.float64)
    """
    check_far(far)
    distances, same = check_pairs(distances, same)
    folds = check_folds(folds, len(distances))
    thresholds = _held_out_thresholds(
        distances, same, folds, lambda d, s: resolved_threshold(d[~s], far, copies=copies)
    )
    return torch.where(thresholds.isnan(), math.nan, (distances < thresholds).double())


def _held_out_thresholds(
    distances: Tensor, same: Tensor, folds: Tensor, choose: Callable[[Tensor, Tensor], float]
) -> Tensor:
    thresholds = torch.empty_like(distances)
    for fold in folds.unique():
        held_out = folds == fold
        thresholds[held_out] = choose(distances[~held_out], same[~held_out])
    return thresholds


def _most_accurate_threshold(distances: Tensor, same: Tensor) -> float:
    thresholds, genuine, impostor = accepted_counts(distances, same)
    return float(thresholds[(genuine - impostor).argmax()])  # the first of equals


def _fold_scores(values: Tensor, folds: Tensor) -> FoldScores:
    scores = torch.stack([values[folds == fold].double().mean() for fold in folds.unique()])
    return FoldScores(float(scores.mean()), float(scores.std(correction=0)), tuple(scores.tolist()))
