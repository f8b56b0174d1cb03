"""Fidelity of one picture as a record: a value that does not exist is null, with the reason."""

import math
from typing import Any

from torch import Tensor

from miais.metrics.fidelity import mean_squared_error, ms_ssim, psnr


def fidelity(image: Tensor, reference: Tensor) -> dict[str, Any]:
    """Compare a saved container with its cover.

    Args:
        image: Shape (3, H, W), range [0, 1].
        reference: Same shape.

    Returns:
        `psnr_db` and `ms_ssim` (standard variant), each a number or None, and `reason` if one is None.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> import torch
        >>> record = fidelity(torch.zeros(3, 8, 8), torch.full((3, 8, 8), 0.1))
        >>> record["psnr_db"], record["ms_ssim"], record["reason"]
        (20.0, None, 'MS-SSIM needs images of at least 11 px a side, got 8; resize them')
    """
    decibels: float | None = psnr(image[None], reference[None]).item()
    similarity, reasons = None, []
    if decibels == math.inf:
        decibels = None
        reasons.append("the two pictures are equal, so their PSNR is infinite")
    try:
        similarity = ms_ssim(image[None], reference[None]).item()
    except ValueError as error:  # Too small; shapes that differ have failed above.
        reasons.append(str(error))
    return {"psnr_db": decibels, "ms_ssim": similarity, **({"reason": "; ".join(reasons)} if reasons else {})}


def full_fidelity(image: Tensor, reference: Tensor) -> dict[str, Any]:
    """Add the mean squared error and the MS-SSIM of the authors' code to `fidelity`.

    Args:
        image: Shape (3, H, W), range [0, 1].
        reference: Same shape.

    Returns:
        `mse`, `psnr_db`, `ms_ssim`, `ms_ssim_miais`, and `reason` if one of them is None.

    Raises:
        ValueError: If the shapes differ.
    """
    record = fidelity(image, reference)
    measured = record["ms_ssim"] is not None
    return {
        "mse": mean_squared_error(image[None], reference[None]).item(),
        "psnr_db": record.pop("psnr_db"),
        "ms_ssim": record.pop("ms_ssim"),
        "ms_ssim_miais": ms_ssim(image[None], reference[None], variant="miais").item() if measured else None,
        **record,
    }
