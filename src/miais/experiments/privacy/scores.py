"""What an attack is worth: how alike the reconstruction is, and whether a recogniser knows the person in it."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from miais.experiments.privacy.containers import BATCH
from miais.experiments.privacy.data import Pairs
from miais.image import from_uint8
from miais.metrics import mean_squared_error, ms_ssim, verification_report
from miais.metrics.bootstrap import Interval, bootstrap_interval, weighted_mean
from miais.metrics.folds import accepted_at_far

FAR = 1e-2


@dataclass(frozen=True)
class Matching:
    """Verification on the protocol's pairs; fractions, not percent. Intervals are 95%, over people.

    Attributes:
        accuracy: Mean over the folds; 0.5 is chance.
        accuracy_low: Lower end of its interval.
        accuracy_high: Upper end.
        val_at_far_1e2: Mean over the folds of VAL at FAR 1e-2; 0.01 is chance. NaN with too few impostor pairs.
        val_low: Lower end of its interval, thresholds kept.
        val_high: Upper end.
        auc: Area under the ROC curve; 0.5 is chance.
        eer: Equal error rate.
        pairs: Number of pairs, copies included.
    """

    accuracy: float
    accuracy_low: float
    accuracy_high: float
    val_at_far_1e2: float
    val_low: float
    val_high: float
    auc: float
    eer: float
    pairs: int


def match(first: Tensor, second: Tensor, pairs: Pairs) -> Matching:
    """Compare the first image of every pair with the second.

    Args:
        first: Unit vectors of all test images as they are on the first side, shape (copies, N, D).
        second: Those of the second side, the same shape; container against container, or reconstruction against plain.
        pairs: Who is compared with whom.
    """
    copies = len(first)
    distances = (first[:, pairs.first] - second[:, pairs.second]).norm(dim=2).flatten()
    same, fold = pairs.same.repeat(copies), pairs.fold.repeat(copies)
    people = pairs.people[pairs.first].repeat(copies), pairs.people[pairs.second].repeat(copies)
    report = verification_report(distances, same, fold, *people, copies=copies)
    low, high = _val_interval(accepted_at_far(distances, same, fold, far=FAR, copies=copies)[same], people[0][same])
    return Matching(
        accuracy=report.accuracy,
        accuracy_low=report.accuracy_low,
        accuracy_high=report.accuracy_high,
        val_at_far_1e2=report.val_at_far_1e2,
        val_low=low,
        val_high=high,
        auc=report.auc,
        eer=report.eer,
        pairs=report.pairs,
    )


@dataclass(frozen=True)
class Likeness:
    """Reconstructions against the secrets, at the system's size.

    Attributes:
        mean_psnr_db: Mean of the images' PSNRs.
        psnr_of_mean_db: PSNR of the mean MSE.
        ms_ssim: Standard.
    """

    mean_psnr_db: float
    psnr_of_mean_db: float
    ms_ssim: float


def likeness(reconstructed: Tensor, secrets: Tensor) -> Likeness:
    """Compare reconstructions with the secrets.

    Args:
        reconstructed: uint8, shape (N, 3, S, S).
        secrets: The same shape.
    """
    errors, similarities = [], []
    for drawn, true in zip(reconstructed.split(BATCH), secrets.split(BATCH), strict=True):
        pair = from_uint8(drawn).double(), from_uint8(true).double()
        errors.append(mean_squared_error(*pair))
        similarities.append(ms_ssim(*pair))
    mse = torch.cat(errors)
    return Likeness(
        mean_psnr_db=float(-10 * mse.log10().mean()),
        psnr_of_mean_db=float(-10 * mse.mean().log10()),
        ms_ssim=float(torch.cat(similarities).mean()),
    )


def _val_interval(accepted: Tensor, people: Tensor) -> Interval:
    if bool(accepted.isnan().any()):
        return Interval(math.nan, math.nan)
    return bootstrap_interval(lambda weights: weighted_mean(accepted, weights), people)
