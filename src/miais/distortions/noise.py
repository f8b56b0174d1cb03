"""Gaussian noise."""

import torch
from torch import Tensor


def gaussian_noise(container: Tensor, cover: Tensor, generator: torch.Generator, *, sigma: float = 2.0) -> Tensor:
    """Add independent Gaussian noise to every pixel and channel.

    Args:
        container: Shape (N, 3, H, W), range [0, 1].
        cover: Not used.
        generator: Source of the noise.
        sigma: Standard deviation in 8-bit levels (1/255 of the range), at least 0.

    Returns:
        The noisy container, shape (N, 3, H, W), clamped to [0, 1].

    Raises:
        ValueError: If sigma is negative.

    Example:
        >>> grey = torch.full((1, 3, 64, 64), 0.5)
        >>> noisy = gaussian_noise(grey, grey, torch.Generator().manual_seed(0), sigma=2)
        >>> round(float(255 * noisy.std()), 1)
        2.0
    """
    if sigma < 0:
        raise ValueError(f"sigma must be at least 0, got {sigma}")
    noise = torch.randn(container.shape, generator=generator, device=generator.device).to(container)
    return (container + noise * (sigma / 255)).clamp(0, 1)
