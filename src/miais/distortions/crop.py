"""Cropping: a part of the container arrives, at its old size again."""

import torch
from torch import Tensor

from miais.image import resize


def random_crop(container: Tensor, cover: Tensor, generator: torch.Generator, *, keep: float = 0.9) -> Tensor:
    """Cut a random window out of the container and enlarge it to the container's size.

    Args:
        container: Shape (N, 3, H, W), range [0, 1].
        cover: Not used.
        generator: Source of the window's position, every one equally likely; one for the whole batch.
        keep: Share of each side that the window keeps, in (0, 1].

    Returns:
        The enlarged window, shape (N, 3, H, W).

    Raises:
        ValueError: If `keep` is out of range.

    Example:
        >>> random_crop(torch.rand(1, 3, 32, 48), torch.rand(1, 3, 32, 48), torch.Generator()).shape
        torch.Size([1, 3, 32, 48])
    """
    if not 0 < keep <= 1:
        raise ValueError(f"keep must be a share in (0, 1], got {keep}")
    height, width = container.shape[-2:]
    kept_height, kept_width = max(1, round(height * keep)), max(1, round(width * keep))
    down, right = torch.rand(2, generator=generator, device=generator.device).tolist()
    top, left = int(down * (height - kept_height + 1)), int(right * (width - kept_width + 1))
    return resize(container[..., top : top + kept_height, left : left + kept_width], (height, width))
