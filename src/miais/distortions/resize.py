"""Rescaling: a platform shrinks the container and the recipient's software enlarges it again."""

import torch
from torch import Tensor

from miais.image import resize


def resize_and_back(container: Tensor, cover: Tensor, generator: torch.Generator, *, factor: float = 0.5) -> Tensor:
    """Shrink the container by a factor, then bring it back to its size.

    Args:
        container: Shape (N, 3, H, W), range [0, 1].
        cover: Not used.
        generator: Not used.
        factor: New side over old side, above 0; sides are rounded, at least 1 px. Above 1 it enlarges first.

    Returns:
        The container without its finest detail, shape (N, 3, H, W).

    Raises:
        ValueError: If the factor is not positive.

    Example:
        >>> resize_and_back(torch.rand(1, 3, 32, 48), torch.rand(1, 3, 32, 48), torch.Generator()).shape
        torch.Size([1, 3, 32, 48])
    """
    if factor <= 0:
        raise ValueError(f"factor must be positive, got {factor}")
    height, width = container.shape[-2:]
    smaller = (max(1, round(height * factor)), max(1, round(width * factor)))
    return resize(resize(container, smaller), (height, width))
