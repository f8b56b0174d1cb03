"""What secrets go through in training, so that few pictures of a person count for more; whole batches at a time."""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from miais.image import from_uint8, to_uint8

Augmentation = Literal["none", "flip", "faces"]
_BLUR_PX, _REACH_PX = 1.5, 4
"""Largest standard deviation of the blur, and how far its kernel reaches."""
_NOISE = 0.03
"""Largest standard deviation of the noise, a share of the range."""


def augment(secrets: Tensor, kind: Augmentation, random: torch.Generator) -> Tensor:
    """Change every secret of a batch in its own way.

    Args:
        secrets: uint8, shape (M, 3, S, S).
        kind: "none"; "flip" mirrors with probability one half, as in the paper; "faces" also turns, scales and shifts
            a little, changes light and colour, blurs, adds noise, and covers a part.
        random: Source of all choices, on the CPU.

    Returns:
        uint8, the same shape.

    Raises:
        ValueError: If the kind is unknown.
    """
    if kind == "none":
        return secrets
    mirrored = torch.rand(len(secrets), generator=random) < 0.5
    if kind == "flip":
        return torch.where(mirrored[:, None, None, None], secrets.flip(-1), secrets)
    if kind != "faces":
        raise ValueError(f"expected augmentation 'none', 'flip' or 'faces', got {kind!r}")
    images = _move(from_uint8(secrets), mirrored, random)
    images = _coarsen(_relight(images, random), random)
    return to_uint8(_cover_a_part(images, random).clamp(0, 1))


def _uniform(count: int, largest: float, random: torch.Generator) -> Tensor:
    """Uniform in [-largest, largest], shape (count,)."""
    return (2 * torch.rand(count, generator=random) - 1) * largest


def _move(images: Tensor, mirrored: Tensor, random: torch.Generator) -> Tensor:
    count = len(images)
    angle = _uniform(count, math.radians(10), random)
    scale = torch.exp(_uniform(count, 0.15, random))
    across, down = _uniform(count, 0.08, random), _uniform(count, 0.08, random)
    sign = 1 - 2 * mirrored.float()
    cos, sin = scale * angle.cos(), scale * angle.sin()
    rows = torch.stack([sign * cos, -sin, across, sign * sin, cos, down], dim=1).view(count, 2, 3)
    grid = F.affine_grid(rows, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def _relight(images: Tensor, random: torch.Generator) -> Tensor:
    def per_image(values: Tensor) -> Tensor:
        return values[:, None, None, None]

    count = len(images)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    contrast, light = torch.exp(_uniform(count, 0.4, random)), _uniform(count, 0.15, random)
    images = (images - mean) * per_image(contrast) + mean + per_image(light)
    saturation = torch.rand(count, generator=random) * 1.3
    saturation[torch.rand(count, generator=random) < 0.1] = 0
    grey = images.mean(dim=1, keepdim=True)
    return grey + (images - grey) * per_image(saturation)


def _coarsen(images: Tensor, random: torch.Generator) -> Tensor:
    """Blur and add noise, so that a recogniser does not build on the finest grain.

    Such a recogniser would not know people on other cameras, and much less fits into a container.
    """
    count, channels = images.shape[:2]
    sigma = _BLUR_PX * torch.rand(count, generator=random) * (torch.rand(count, generator=random) < 0.35)
    noise = _NOISE * torch.rand(count, generator=random) * (torch.rand(count, generator=random) < 0.35)
    taps = torch.arange(-_REACH_PX, _REACH_PX + 1)
    weights = torch.exp(-(taps**2) / (2 * sigma.clamp(min=0.1)[:, None] ** 2))  # (M, T), a lone one where sigma is 0
    weights = (weights / weights.sum(dim=1, keepdim=True)).repeat_interleave(channels, dim=0)[:, None, None]
    flat = F.pad(images, (_REACH_PX,) * 4, mode="replicate").flatten(0, 1)[None]  # every channel for itself
    blurred = F.conv2d(F.conv2d(flat, weights, groups=flat.shape[1]), weights.mT, groups=flat.shape[1])
    return blurred.view_as(images) + noise[:, None, None, None] * torch.randn(images.shape, generator=random)


def _cover_a_part(images: Tensor, random: torch.Generator) -> Tensor:
    """Paint a rectangle of one colour over half of the images, an eighth to a half of the side long."""
    count, _, side, _ = images.shape
    lengths = side * (0.125 + 0.35 * torch.rand(2, count, 1, generator=random))
    starts = torch.rand(2, count, 1, generator=random) * (side - lengths)
    places = torch.arange(side)
    rows, columns = (places >= starts) & (places < starts + lengths)  # each (M, S)
    covered = rows[:, None, :, None] & columns[:, None, None, :]
    covered &= (torch.rand(count, generator=random) < 0.5)[:, None, None, None]
    colours = torch.rand(count, 3, 1, 1, generator=random)
    return torch.where(covered, colours, images)
