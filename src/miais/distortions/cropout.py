"""Cropout: somebody pastes a rectangle of the container over the untouched cover."""

import torch
from torch import Tensor


def random_cropout(container: Tensor, cover: Tensor, generator: torch.Generator, *, smallest: float = 0.85) -> Tensor:
    """Keep a random rectangle of the container and put the cover around it.

    Height and width are independent shares of the image, each uniform in [`smallest`, 1], and every position is
    equally likely; one rectangle for the whole batch. (The authors' code draws only the height: its width is always
    0.85, by a slip that this function does not repeat.)

    Args:
        container: Shape (N, 3, H, W), range [0, 1].
        cover: The pictures that the secrets are hidden in, the same shape and range.
        generator: Source of the rectangle.
        smallest: Smallest kept share of each side, in (0, 1].

    Returns:
        Container inside the rectangle, cover outside, shape (N, 3, H, W).

    Raises:
        ValueError: If the shapes differ or `smallest` is out of range.

    References:
        Zhu et al., HiDDeN: Hiding Data With Deep Networks, ECCV 2018.

    Example:
        >>> container, cover = torch.ones(1, 3, 20, 20), torch.zeros(1, 3, 20, 20)
        >>> bool(random_cropout(container, cover, torch.Generator().manual_seed(0)).mean() >= 0.85**2)
        True
    """
    if container.shape != cover.shape:
        raise ValueError(f"container and cover must have one shape, got {container.shape} and {cover.shape}")
    if not 0 < smallest <= 1:
        raise ValueError(f"smallest must be a share in (0, 1], got {smallest}")
    shares = torch.rand(4, generator=generator, device=generator.device).tolist()
    spans = []
    for side, share, place in zip(container.shape[-2:], shares[:2], shares[2:], strict=True):
        kept = max(1, round(side * (smallest + (1 - smallest) * share)))
        start = int(place * (side - kept + 1))
        spans.append(slice(start, start + kept))
    inside = torch.zeros(container.shape[-2:], dtype=torch.bool, device=container.device)
    inside[spans[0], spans[1]] = True
    return torch.where(inside, container, cover)
