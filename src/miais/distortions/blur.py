"""Gaussian blur."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def gaussian_blur(container: Tensor, cover: Tensor, generator: torch.Generator, *, sigma: float = 1.0) -> Tensor:
    """Blur the container; beyond the border its edge repeats.

    Args:
        container: Shape (N, 3, H, W), range [0, 1].
        cover: Not used.
        generator: Not used.
        sigma: Standard deviation in pixels, above 0; the filter is cut at three of them.

    Returns:
        The blurred container, shape (N, 3, H, W), range [0, 1].

    Raises:
        ValueError: If sigma is not positive.

    Example:
        >>> flat = torch.full((1, 3, 8, 8), 0.5)
        >>> torch.allclose(gaussian_blur(flat, flat, torch.Generator()), flat)
        True
    """
    if sigma <= 0:
        raise ValueError(f"sigma must be positive, got {sigma}")
    radius = math.ceil(3 * sigma)
    distance = torch.arange(-radius, radius + 1, dtype=container.dtype, device=container.device)
    weight = torch.softmax(-(distance**2) / (2 * sigma**2), dim=0)
    padded = F.pad(container, (radius, radius, radius, radius), mode="replicate")
    # Full precision: autocast would round to whole grey levels.
    with torch.autocast(container.device.type, enabled=False):
        rows = F.conv2d(padded, weight.view(1, 1, -1, 1).repeat(3, 1, 1, 1), groups=3)
        return F.conv2d(rows, weight.view(1, 1, 1, -1).repeat(3, 1, 1, 1), groups=3).clamp(0, 1)
