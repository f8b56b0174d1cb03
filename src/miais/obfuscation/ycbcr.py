"""RGB to luminance and colour differences and back, as JPEG files have it, in integers.

The factors are those of ITU-R BT.601 as in JFIF, in units of 2^-16, and sums are rounded once: every machine and every
device gives the same bytes, which floating-point sums would not promise.

Reference: Hamilton, JPEG File Interchange Format, version 1.02, 1992.
"""

import torch
from torch import Tensor

_BITS = 16
_HALF = 1 << (_BITS - 1)
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114
_FORWARD = (
    (_RED, _GREEN, _BLUE),
    (-_RED / (2 - 2 * _BLUE), -_GREEN / (2 - 2 * _BLUE), 0.5),
    (0.5, -_GREEN / (2 - 2 * _RED), -_BLUE / (2 - 2 * _RED)),
)
_BACK = (
    (1.0, 0.0, 2 - 2 * _RED),
    (1.0, -_BLUE * (2 - 2 * _BLUE) / _GREEN, -_RED * (2 - 2 * _RED) / _GREEN),
    (1.0, 2 - 2 * _BLUE, 0.0),
)


def rgb_to_ycbcr(images: Tensor) -> Tensor:
    """Convert RGB to Y, Cb and Cr.

    Args:
        images: Bytes, shape (N, 3, H, W).

    Returns:
        Bytes, the same shape; grey has Cb = Cr = 128.

    Example:
        >>> rgb_to_ycbcr(torch.tensor([255, 0, 0], dtype=torch.uint8).view(1, 3, 1, 1)).flatten().tolist()
        [76, 85, 255]
    """
    y, cb, cr = _combined(images.int(), _FORWARD)
    return _as_bytes([y, cb + 128, cr + 128])


def ycbcr_to_rgb(images: Tensor) -> Tensor:
    """Convert Y, Cb and Cr to RGB, clamped; arguments and result as of `rgb_to_ycbcr`."""
    offsets = torch.tensor([0, 128, 128], dtype=torch.int32, device=images.device).view(3, 1, 1)
    return _as_bytes(_combined(images.int() - offsets, _BACK))


def _combined(channels: Tensor, factors: tuple[tuple[float, ...], ...]) -> list[Tensor]:
    planes = channels.unbind(1)
    rows = [[round(factor * (1 << _BITS)) for factor in row] for row in factors]
    return [
        sum((plane * factor for plane, factor in zip(planes, row, strict=True)), torch.full_like(planes[0], _HALF))
        >> _BITS
        for row in rows
    ]


def _as_bytes(planes: list[Tensor]) -> Tensor:
    return torch.stack(planes, dim=1).clamp(0, 255).to(torch.uint8)
