"""Batches of covers and containers: both of a pair in one batch, cut and turned alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from miais.data.sampling import AUGMENTATION, UniformSampler, generator_of
from miais.steganalysis.learned.pairs import StegoPair


class PairBatch(NamedTuple):
    """Covers, then their containers.

    Attributes:
        images: Bytes, shape (2M, 3, S, S).
        labels: 0 for covers and 1 for containers, int64, shape (2M,).
    """

    images: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Amplification:
    """Makes what a container differs by from its cover louder at first, so that a network learns where to listen.

    A change by one level in a few values is lost in what the picture itself brings, and a network without fixed filters
    stays where it starts. The literature begins with larger payloads; this needs no other containers.

    Attributes:
        start: Factor at the first step.
        steps: It falls to 1 over so many, by the same ratio at every step.
    """

    start: float
    steps: int

    def factor(self, step: int) -> float:
        """Return what differences are multiplied by.

        Example:
            >>> Amplification(start=9, steps=10).factor(5)
            3.0
        """
        return float(self.start ** max(0.0, 1 - step / self.steps)) if self.steps else 1.0

    def __call__(self, cover: Tensor, container: Tensor, step: int) -> Tensor:
        """Return the louder container, bytes like the two."""
        factor = self.factor(step)
        if factor == 1:
            return container
        return (cover + (factor * (container.float() - cover)).round()).clamp(0, 255).to(torch.uint8)


@dataclass(frozen=True)
class PairBatches(Dataset[PairBatch]):
    """Item number `step` is the batch of that step: the same on every machine and after every resume.

    Attributes:
        pairs: All.
        sampler: Chooses among them.
        size: S; each pair is cut to a square at a random place, in pixels as they are, and turned and mirrored.
        amplification: Of the first steps.
    """

    pairs: Sequence[StegoPair]
    sampler: UniformSampler
    size: int
    amplification: Amplification

    def __getitem__(self, step: int) -> PairBatch:
        random = generator_of(AUGMENTATION, self.sampler.seed, step)
        found = [self._cut(index, step, random) for index in self.sampler.draw(step).flatten().tolist()]
        covers, containers = (torch.stack(side) for side in zip(*found, strict=True))
        return PairBatch(torch.cat([covers, containers]), torch.arange(2).repeat_interleave(len(found)))

    def _cut(self, index: int, step: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        pair = self.pairs[index].load(step)
        check_size(pair[0], self.size, self.pairs[index].cover)
        top, left = (int(random.integers(side - self.size + 1)) for side in pair[0].shape[1:])
        turns, mirrored = int(random.integers(4)), bool(random.integers(2))
        window = (..., slice(top, top + self.size), slice(left, left + self.size))
        turned = (torch.rot90(each[window], turns, (1, 2)) for each in pair)
        cover, container = (each.flip(2) if mirrored else each for each in turned)
        return cover, self.amplification(cover, container, step)


def windows(image: Tensor, size: int) -> Tensor:
    """Cut a picture (3, H, W) into as many squares as fit side by side, from its middle: shape (N, 3, S, S).

    Example:
        >>> windows(torch.zeros(3, 128, 300), 128).shape
        torch.Size([2, 3, 128, 128])
    """
    starts = [(side - side // size * size) // 2 for side in image.shape[1:]]
    squares = image[:, starts[0] :, starts[1] :].unfold(1, size, size).unfold(2, size, size)
    return squares.permute(1, 2, 0, 3, 4).reshape(-1, image.shape[0], size, size)


def check_size(image: Tensor, size: int, name: str) -> None:
    """Refuse a picture that a detector's square does not fit in.

    Raises:
        ValueError: Names the picture.
    """
    if min(image.shape[1:]) < size:
        raise ValueError(
            f"{name}: expected at least {size}x{size} px for this detector, got {image.shape[2]}x{image.shape[1]}; "
            "train one for smaller pictures, or leave this one out"
        )
