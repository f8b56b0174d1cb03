"""A container, and how close it is to its cover."""

import math
from dataclasses import dataclass

from torch import Tensor

from miais.metrics.fidelity import ms_ssim, psnr
from miais.system import StegoSystem


@dataclass(frozen=True)
class Measured:
    """What came of hiding.

    Attributes:
        container: Shape (3, H, W), on the grid of 8 bits.
        psnr_db: dB; None where container and cover are equal.
        ms_ssim: In [0, 1]; None where the pictures are too small for it.
    """

    container: Tensor
    psnr_db: float | None
    ms_ssim: float | None


def hide_measured(system: StegoSystem, secret: Tensor, cover: Tensor) -> Measured:
    """Hide a secret and measure the container.

    Args:
        system: Hides.
        secret: Shape (3, h, w), range [0, 1].
        cover: Shape (3, H, W), range [0, 1].

    Raises:
        ValueError: If the system cannot use the pictures.
    """
    container = system.hide(secret, cover)
    decibels = psnr(container[None], cover[None]).item()
    return Measured(container, decibels if math.isfinite(decibels) else None, _similarity(container, cover))


def _similarity(container: Tensor, cover: Tensor) -> float | None:
    try:
        return ms_ssim(container[None], cover[None]).item()
    except ValueError:  # They are smaller than its window.
        return None
