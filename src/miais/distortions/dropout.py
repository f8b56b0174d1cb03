"""Pixel dropout: single pixels of the container are replaced by those of the cover."""

import torch
from torch import Tensor


def pixel_dropout(container: Tensor, cover: Tensor, generator: torch.Generator, *, smallest: float = 0.7) -> Tensor:
    """Keep each pixel of the container with one random probability, put the cover's pixel elsewhere.

    Args:
        container: Shape (N, 3, H, W), range [0, 1].
        cover: The pictures that the secrets are hidden in, the same shape and range.
        generator: Source of the probability, uniform in [`smallest`, 1], and of the mask, one for the whole batch.
        smallest: Smallest probability of keeping a pixel, in [0, 1].

    Returns:
        The mixture, shape (N, 3, H, W); a pixel comes from one picture in all three channels.

    Raises:
        ValueError: If the shapes differ or `smallest` is out of range.

    References:
        Zhu et al., HiDDeN: Hiding Data With Deep Networks, ECCV 2018.

    Example:
        >>> container, cover = torch.ones(1, 3, 64, 64), torch.zeros(1, 3, 64, 64)
        >>> bool(pixel_dropout(container, cover, torch.Generator().manual_seed(0)).mean() > 0.65)
        True
    """
    if container.shape != cover.shape:
        raise ValueError(f"container and cover must have one shape, got {container.shape} and {cover.shape}")
    if not 0 <= smallest <= 1:
        raise ValueError(f"smallest must be a probability in [0, 1], got {smallest}")
    share = torch.rand((), generator=generator, device=generator.device)
    keep = smallest + (1 - smallest) * share
    kept = torch.rand(container.shape[-2:], generator=generator, device=generator.device) < keep
    return torch.where(kept.to(container.device), container, cover)
