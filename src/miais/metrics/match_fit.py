"""The calibration of a system's distances, fitted to pairs of validation people."""

import math

import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from miais.metrics.match_calibration import MatchCalibration
from miais.metrics.pairs import check_pairs

TAIL_RATE = 0.01
"""Share of the impostor pairs, the nearest ones, that the tail is fitted to."""
_TAIL_PAIRS = 50  # at least; of fewer the mean is too rough
_KNOTS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_LEAST_SCALE = 1e-6  # where many impostors have one distance
_WEAK = 1e6  # inverse penalty on steep curves: next to none
_BLOCK = 50_000  # pairs whose differences are held in memory at a time


def fit_match_calibration(distances: Tensor, same: Tensor) -> MatchCalibration:
    """Fit a calibration to pairs.

    Args:
        distances: Euclidean, between unit vectors, shape (P,).
        same: True for genuine pairs, shape (P,).

    Raises:
        TypeError, ValueError: As `check_pairs`.
    """
    distances, same = check_pairs(distances, same)
    curve = LogisticRegression(C=_WEAK, class_weight="balanced").fit(distances[:, None].numpy(), same.numpy())
    slope = float(curve.coef_[0, 0])
    impostors = distances[~same].sort().values.numpy()
    nearest = min(len(impostors), max(_TAIL_PAIRS, math.ceil(TAIL_RATE * len(impostors))))
    tail_rate, tail_end = nearest / len(impostors), float(impostors[nearest - 1])
    rates = [tail_rate, *(rate for rate in _KNOTS if rate > tail_rate)]
    counted = [float(impostors[math.ceil(rate * len(impostors)) - 1]) for rate in rates[1:]]
    return MatchCalibration(
        # Farther may not be likelier; then the distance says nothing.
        slope=min(slope, 0.0),
        intercept=float(curve.intercept_[0]) if slope < 0 else 0.0,
        distances=(tail_end, *counted),
        rates=tuple(rates),
        tail_scale=max(_LEAST_SCALE, float(tail_end - impostors[:nearest].mean())),
        genuine=int(same.sum()),
        impostors=len(impostors),
    )


def calibrate_matches(embeddings: Tensor, identities: Tensor) -> MatchCalibration:
    """Fit a calibration to all pairs of images.

    Args:
        embeddings: Of the same images in several covers, shape (copies, N, D). Each pair is measured in one copy.
        identities: Of the images, integer, shape (N,).

    Raises:
        ValueError: If no two images show one person, or all do.
    """
    embeddings, identities = embeddings.detach().double().cpu(), identities.cpu()
    first, second = torch.triu_indices(len(identities), len(identities), offset=1)
    cover = torch.arange(len(first)) % len(embeddings)
    parts = zip(*(index.split(_BLOCK) for index in (cover, first, second)), strict=True)
    distances = torch.cat([(embeddings[c, a] - embeddings[c, b]).norm(dim=1) for c, a, b in parts])
    return fit_match_calibration(distances, identities[first] == identities[second])
