"""What a distortion is, and one drawn at random for each batch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from miais.distortions.cropout import random_cropout
from miais.distortions.dropout import pixel_dropout
from miais.distortions.jpeg_surrogate import surrogate_jpeg

Distortion: TypeAlias = Callable[[Tensor, Tensor, torch.Generator], Tensor]
"""`distort(container, cover, generator)` -> the container as it arrives, the same shape, range [0, 1]. All randomness
comes from the generator, on whatever device it lives. Further settings are keywords, fixed by `functools.partial`."""


def unchanged(container: Tensor, cover: Tensor, generator: torch.Generator) -> Tensor:
    """The container arrives as it was sent; `cover` and `generator` are not used."""
    return container


OFFICIAL_DISTORTIONS: tuple[Distortion, ...] = (unchanged, random_cropout, pixel_dropout, surrogate_jpeg)
"""The four of the authors' single-task training."""


@dataclass(frozen=True)
class RandomDistortion:
    """One of several distortions, drawn uniformly for each batch; itself a distortion.

    Args:
        choices: The distortions to draw from.

    Raises:
        ValueError: If there are none.

    Example:
        >>> container, cover = torch.ones(2, 3, 32, 32), torch.zeros(2, 3, 32, 32)
        >>> RandomDistortion()(container, cover, torch.Generator().manual_seed(0)).shape
        torch.Size([2, 3, 32, 32])
    """

    choices: tuple[Distortion, ...] = OFFICIAL_DISTORTIONS

    def __post_init__(self) -> None:
        if not self.choices:
            raise ValueError("choices must name at least one distortion; for none at all use `unchanged`")

    def __call__(self, container: Tensor, cover: Tensor, generator: torch.Generator) -> Tensor:
        """Draw one distortion and apply it to the whole batch."""
        drawn = torch.randint(len(self.choices), (), generator=generator, device=generator.device)
        return self.choices[int(drawn)](container, cover, generator)
