"""What every verification metric asks of its pairs."""

import torch
from torch import Tensor


def check_pairs(distances: Tensor, same: Tensor) -> tuple[Tensor, Tensor]:
    """Check pairs and bring them to the CPU, the distances as float64.

    Args:
        distances: Finite and not negative, shape (P,).
        same: True for genuine pairs, shape (P,).

    Returns:
        Both.

    Raises:
        TypeError: If `same` is not boolean.
        ValueError: If shapes differ, a distance is negative or not finite, or either kind of pair is missing.
    """
    if same.dtype != torch.bool:
        raise TypeError(f"expected a boolean `same`, got {same.dtype}; convert it with same.bool()")
    if distances.ndim != 1 or distances.shape != same.shape:
        raise ValueError(
            f"expected distances and same of one shape (P,), got {tuple(distances.shape)} and {tuple(same.shape)}"
        )
    distances, same = distances.detach().double().cpu(), same.cpu()
    if not (distances.isfinite() & (distances >= 0)).all():
        raise ValueError("expected finite distances of at least 0; look for NaN embeddings, do not pass similarities")
    if same.all() or not same.any():
        raise ValueError(f"expected genuine and impostor pairs, got {int(same.sum())} and {int((~same).sum())}")
    return distances, same


def check_folds(folds: Tensor, pairs: int) -> Tensor:
    """Check the folds of so many pairs and bring them to the CPU.

    Args:
        folds: Integer, shape (P,).
        pairs: P.

    Returns:
        The folds.

    Raises:
        TypeError: If they are not integers.
        ValueError: If the shape is another, or there are fewer than two folds.
    """
    _check_integers("folds", folds, pairs)
    folds = folds.cpu()
    if len(folds.unique()) < 2:
        raise ValueError("expected at least two folds: the threshold of one is chosen on the others")
    return folds


def check_identities(identities_a: Tensor, identities_b: Tensor) -> tuple[Tensor, Tensor]:
    """Check the identities of the two halves of pairs and bring them to the CPU.

    Args:
        identities_a: Integer, shape (P,).
        identities_b: Integer, shape (P,).

    Returns:
        Both.

    Raises:
        TypeError: If they are not integers.
        ValueError: If the shapes differ or are not (P,).
    """
    pairs = identities_a.numel()
    _check_integers("identities_a", identities_a, pairs)
    _check_integers("identities_b", identities_b, pairs)
    return identities_a.cpu(), identities_b.cpu()


def check_far(far: float) -> None:
    """Refuse a false-accept rate that is not a fraction.

    Args:
        far: Valid in (0, 1).

    Raises:
        ValueError: If it is outside.
    """
    if not 0 < far < 1:
        raise ValueError(f"expected a false-accept rate in (0, 1), got {far}; 0.1% is 1e-3")


def _check_integers(name: str, labels: Tensor, pairs: int) -> None:
    if labels.is_floating_point() or labels.dtype == torch.bool:
        raise TypeError(f"expected integer {name}, got {labels.dtype}; number them first")
    if labels.shape != (pairs,):
        raise ValueError(f"expected {name} of shape ({pairs},), one for each pair, got {tuple(labels.shape)}")
