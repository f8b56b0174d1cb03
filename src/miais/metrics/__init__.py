"""How well a system hides and recognises: picture fidelity, verification and identification."""

from miais.metrics.fidelity import mean_psnr, mean_squared_error, ms_ssim, psnr, psnr_of_mean
from miais.metrics.identification import IdentificationReport, cmc, identification_report
from miais.metrics.verification import (
    PairedDrop,
    VerificationReport,
    equal_error_rate,
    paired_accuracy_drop,
    roc_curve,
    threshold_at_far,
    val_at_far,
    verification_accuracy,
    verification_report,
)

__all__ = [
    "IdentificationReport",
    "PairedDrop",
    "VerificationReport",
    "cmc",
    "equal_error_rate",
    "identification_report",
    "mean_psnr",
    "mean_squared_error",
    "ms_ssim",
    "paired_accuracy_drop",
    "psnr",
    "psnr_of_mean",
    "roc_curve",
    "threshold_at_far",
    "val_at_far",
    "verification_accuracy",
    "verification_report",
]
