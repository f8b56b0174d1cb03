"""Which images make a batch: pure functions of (seed, step), so that resuming needs no state and ranks agree.

Every sampler's `draw(step)` returns a grid of image numbers, int64, shape (roles, columns); a process of a distributed
run takes some of the columns, so that images that belong together stay together.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# First word of the seed, so that different choices at one step do not share their random numbers.
TRIPLETS, PEOPLE, ORDER, COVERS, AUGMENTATION = range(5)


class Sampler(Protocol):
    """What chooses the secrets of a batch."""

    seed: int
    columns: int

    def draw(self, step: int) -> Tensor:
        """Return the image numbers of a step, int64, shape (roles, columns)."""


def generator_of(purpose: int, seed: int, step: int) -> np.random.Generator:
    """Return the random generator of one purpose at one step.

    Example:
        >>> bool(generator_of(COVERS, 1, 7).random() == generator_of(COVERS, 1, 7).random())
        True
    """
    return np.random.default_rng([purpose, seed, step])


def cover_indices(count: int, batch: int, seed: int, step: int) -> Tensor:
    """Choose covers uniformly, with repetition.

    Args:
        count: Number of covers.
        batch: Number of choices.
        seed: Of the run.
        step: Of the run.

    Returns:
        Numbers from 0 to count - 1, int64, shape (batch,).
    """
    return torch.from_numpy(generator_of(COVERS, seed, step).integers(count, size=batch))


class TripletSampler:
    """Anchor and positive of one identity, negative of another.

    The pair's identity is uniform over those with two images or more, the negative's uniform over all others.

    Args:
        labels: Identity of each image, int64, shape (N,).
        batch: Number of triplets.
        seed: Of the run.

    Raises:
        ValueError: If no identity has two images, or there is only one identity.

    References:
        The authors' released data loader draws the same way, except that it needs the global generator's state.

    Example:
        >>> TripletSampler(torch.tensor([0, 0, 1]), batch=4, seed=0).draw(0)[2]
        tensor([2, 2, 2, 2])
    """

    def __init__(self, labels: Tensor, batch: int, seed: int) -> None:
        self.columns, self.seed = batch, seed
        self._images = _Grouped(labels)
        self._paired = np.flatnonzero(self._images.counts >= 2)
        if len(self._paired) == 0:
            raise ValueError(
                "triplets need at least one identity with two images: every identity has only one, and one-image "
                "people can only be negatives; add images or train without the triplet loss"
            )
        if len(self._images.counts) < 2:
            raise ValueError("triplets need at least two identities, got one: there is nobody to be the negative")

    def draw(self, step: int) -> Tensor:
        """Return anchors, positives and negatives, int64, shape (3, batch)."""
        rng = generator_of(TRIPLETS, self.seed, step)
        counts = self._images.counts
        same = rng.choice(self._paired, self.columns)
        other = rng.integers(len(counts) - 1, size=self.columns)
        other += other >= same
        anchor = rng.integers(counts[same])
        positive = rng.integers(counts[same] - 1)
        positive += positive >= anchor
        negative = rng.integers(counts[other])
        groups, places = np.stack([same, same, other]), np.stack([anchor, positive, negative])
        return torch.from_numpy(self._images.numbers(groups, places))


class PKSampler:
    """P different identities and K images of each; an identity with fewer than K images repeats some.

    Args:
        labels: Identity of each image, int64, shape (N,).
        people: P, identities in a batch.
        images: K, images of each.
        seed: Of the run.
        least: Identities with fewer images than this are never drawn.

    Raises:
        ValueError: If fewer than P identities have `least` images.
    """

    def __init__(self, labels: Tensor, people: int, images: int, seed: int, *, least: int = 2) -> None:
        self.columns, self.seed = people, seed
        self._roles = images
        self._images = _Grouped(labels)
        self._eligible = np.flatnonzero(self._images.counts >= least)
        if len(self._eligible) < people:
            raise ValueError(f"expected {people} identities with {least} images or more, got {len(self._eligible)}")

    def draw(self, step: int) -> Tensor:
        """Return image numbers, int64, shape (K, P); one column shows one identity."""
        rng = generator_of(PEOPLE, self.seed, step)
        groups = rng.choice(self._eligible, self.columns, replace=False)
        places = np.empty((self._roles, self.columns), dtype=np.int64)
        for column, count in enumerate(self._images.counts[groups]):
            rounds = -(-self._roles // count)
            places[:, column] = np.concatenate([rng.permutation(count) for _ in range(rounds)])[: self._roles]
        return torch.from_numpy(self._images.numbers(np.broadcast_to(groups, places.shape), places))


class UniformSampler:
    """Every image once in each epoch, in a new order; a batch may reach into the next epoch.

    Args:
        count: Number of images.
        batch: Images in a batch.
        seed: Of the run.

    Example:
        >>> sampler = UniformSampler(4, batch=2, seed=0)
        >>> sorted(torch.cat([sampler.draw(0), sampler.draw(1)], dim=1)[0].tolist())
        [0, 1, 2, 3]
    """

    def __init__(self, count: int, batch: int, seed: int) -> None:
        if count < 1:
            raise ValueError(f"expected at least one image, got {count}")
        self.columns, self.seed = batch, seed
        self._count = count
        self._epoch = -1
        self._order: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def draw(self, step: int) -> Tensor:
        """Return image numbers, int64, shape (1, batch)."""
        positions = np.arange(step * self.columns, (step + 1) * self.columns)
        epochs = positions // self._count
        parts = [self._order_of(epoch)[positions[epochs == epoch] % self._count] for epoch in np.unique(epochs)]
        return torch.from_numpy(np.concatenate(parts))[None]

    def _order_of(self, epoch: int) -> np.ndarray:
        if epoch != self._epoch:
            self._epoch, self._order = epoch, generator_of(ORDER, self.seed, epoch).permutation(self._count)
        return self._order


class _Grouped:
    """Image numbers by identity: identity g has `counts[g]` images."""

    def __init__(self, labels: Tensor | Sequence[int]) -> None:
        values = np.asarray(labels)
        if values.ndim != 1 or len(values) == 0:
            raise ValueError(f"expected labels of shape (N,) with N at least 1, got shape {values.shape}")
        self._order = np.argsort(values, kind="stable")
        self.counts = np.unique(values, return_counts=True)[1]
        self._starts = np.cumsum(self.counts) - self.counts

    def numbers(self, groups: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return the number of the image at each place of each identity."""
        return self._order[self._starts[groups] + places]
