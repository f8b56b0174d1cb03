"""The lossy half of JPEG: quantised coefficients of blocks of 8x8, and the picture that they stand for.

Sums are exact: the cosines are rounded to multiples of 2^-18, and all products and sums then are integers below 2^53,
which float64 adds without error in whatever order. So every machine rounds the same coefficients the same way.

Reference: ITU-T Recommendation T.81, 1992: transform in A.3.3, tables in K.1.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from miais.obfuscation.blocks import join_blocks, split_blocks
from miais.obfuscation.ycbcr import rgb_to_ycbcr, ycbcr_to_rgb

SIDE = 8
_SCALE = 2.0**18
_LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMINANCE = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8,) * 4,
)


def jpeg_coefficients(images: Tensor, quality: int) -> Tensor:
    """Transform and quantise, colours at full resolution.

    Args:
        images: RGB bytes, shape (N, 3, H, W); beyond sides that are no multiple of 8, their last samples repeat.
        quality: libjpeg's scale of the standard tables, 1 to 100.

    Returns:
        Shape (N, B, 3, 8, 8), int16: coefficients of Y, Cb and Cr of the blocks in row-major order, by vertical and
        horizontal frequency; those of the mean at [..., 0, 0].
    """
    height, width = images.shape[-2:]
    padding = (0, -width % SIDE, 0, -height % SIDE)
    samples = F.pad(rgb_to_ycbcr(images).double() - 128, padding, mode="replicate")
    cosines = _cosines(images.device)
    exact = cosines @ split_blocks(samples, SIDE) @ cosines.T
    return (exact / (_tables(quality, images.device) * _SCALE**2)).round().to(torch.int16)


def jpeg_picture(coefficients: Tensor, quality: int, height: int, width: int) -> Tensor:
    """Dequantise and transform back: what a decoder shows.

    Args:
        coefficients: As `jpeg_coefficients` gives them.
        quality: The same.
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.

    Returns:
        RGB bytes, shape (N, 3, height, width).
    """
    cosines = _cosines(coefficients.device)
    exact = cosines.T @ (coefficients.double() * _tables(quality, coefficients.device)) @ cosines
    samples = (exact / _SCALE**2).round().add(128).clamp(0, 255).to(torch.uint8)
    padded = join_blocks(samples, height + -height % SIDE, width + -width % SIDE)
    return ycbcr_to_rgb(padded[..., :height, :width])


def _cosines(device: torch.device) -> Tensor:
    """Return the orthonormal DCT-II, frequencies down and positions across, times 2^18 and rounded."""
    rows = [
        [
            round(_SCALE * math.sqrt((1 if k == 0 else 2) / SIDE) * math.cos(math.pi * k * (2 * n + 1) / (2 * SIDE)))
            for n in range(SIDE)
        ]
        for k in range(SIDE)
    ]
    return torch.tensor(rows, dtype=torch.float64, device=device)


def _tables(quality: int, device: torch.device) -> Tensor:
    """Return the steps for Y, Cb and Cr, shape (3, 8, 8), integers."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    tables = torch.tensor([_LUMINANCE, _CHROMINANCE, _CHROMINANCE], device=device)
    return ((tables * percent + 50) // 100).clamp(1, 255).double()
