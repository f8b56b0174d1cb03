"""Batches of secrets and covers, each a pure function of its step, made beside the training step."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from miais.data.augmentation import Augmentation, augment
from miais.data.covers import CoverSet
from miais.data.sampling import AUGMENTATION, Sampler, cover_indices, generator_of
from miais.data.secrets import SecretSet


class Labelled(Protocol):
    """What every batch is: pictures of some kind, with a label each."""

    @property
    def labels(self) -> Tensor:
        """Of the pictures, int64, shape (M,)."""


AnyBatch = TypeVar("AnyBatch", bound=Labelled)


class Batch(NamedTuple):
    """Secrets with their identities, and a cover for each.

    Attributes:
        secrets: uint8, shape (M, 3, S, S). With triplets all anchors, then all positives, then all negatives.
        labels: Identities, int64, shape (M,).
        covers: uint8, shape (M, 3, C, C); empty where nothing is hidden.
    """

    secrets: Tensor
    labels: Tensor
    covers: Tensor


@dataclass(frozen=True)
class SecretCoverBatches(Dataset[Batch]):
    """Item number `step` is the batch of that step: the same on every machine and after every resume.

    In a distributed run only the augmentation depends on the rank.

    Attributes:
        secrets: The secrets.
        covers: The covers; each secret of a batch gets one of them, uniformly. None where nothing is hidden.
        sampler: Chooses the secrets; its seed is the seed of all choices here.
        cover_size: Side of the square covers, pixels.
        cover_crops: Covers are random squares of random scale; False: whole covers, resized, as in the paper.
        augmentation: What each secret goes through; "none" for digits, which must not be mirrored.
        rank: This process in a distributed run.
        world_size: Processes in the run. Together their items are the item of a run with one process.
    """

    secrets: SecretSet
    covers: CoverSet | None
    sampler: Sampler
    cover_size: int = 256
    cover_crops: bool = False
    augmentation: Augmentation = "flip"
    rank: int = 0
    world_size: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.world_size:
            raise ValueError(f"expected a rank from 0 to {self.world_size - 1}, got {self.rank}")
        if self.sampler.columns % self.world_size:
            raise ValueError(
                f"expected a batch that {self.world_size} processes can share, got {self.sampler.columns}; "
                f"choose a multiple of {self.world_size}"
            )
        if self.cover_size < 1:
            raise ValueError(f"expected a cover_size of at least 1 pixel, got {self.cover_size}")

    def __getitem__(self, step: int) -> Batch:
        grid = self.sampler.draw(step)
        seed = self.sampler.seed
        randomness = generator_of(AUGMENTATION, seed, step)
        # Each process draws for the whole batch, then takes its columns: the number of processes changes nothing.
        augmentation_seed = int(randomness.integers(2**62))
        crop_seeds = torch.from_numpy(randomness.integers(2**32, size=grid.shape))
        indices = self._mine(grid)
        secrets = torch.stack([self.secrets.pixels(index) for index in indices.tolist()])
        random = torch.Generator().manual_seed(augmentation_seed + self.rank)
        secrets = augment(secrets, self.augmentation, random)
        labels = self.secrets.labels[indices]
        if self.covers is None:
            return Batch(secrets, labels, torch.empty(0, dtype=torch.uint8))
        chosen = self._mine(cover_indices(len(self.covers), grid.numel(), seed, step).view_as(grid))
        pairs = zip(chosen.tolist(), self._mine(crop_seeds).tolist(), strict=True)
        return Batch(secrets, labels, torch.stack([self._cover(self.covers, *pair) for pair in pairs]))

    def _mine(self, grid: Tensor) -> Tensor:
        columns = self.sampler.columns // self.world_size
        return grid[:, self.rank * columns : (self.rank + 1) * columns].reshape(-1)

    def _cover(self, covers: CoverSet, index: int, crop_seed: int) -> Tensor:
        if self.cover_crops:
            return covers.random_crop(index, self.cover_size, generator_of(AUGMENTATION, crop_seed, index))
        return covers.pixels(index, (self.cover_size, self.cover_size))


def batch_loader(
    dataset: Dataset[AnyBatch], start: int, stop: int, workers: int = 0, *, pin_memory: bool = False
) -> "DataLoader[AnyBatch]":
    """Load the batches of steps `start` to `stop - 1` in order.

    Args:
        dataset: The batches, by their steps.
        start: First step.
        stop: One past the last step.
        workers: Processes that make batches ahead, each with one thread; 0 makes them in this process.
        pin_memory: Put batches where a CUDA device can fetch them while it computes.

    Returns:
        A loader of the batches.
    """
    return DataLoader(
        dataset,
        batch_size=None,
        sampler=range(start, stop),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        persistent_workers=workers > 0,
        pin_memory=pin_memory,
    )
