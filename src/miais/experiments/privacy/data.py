"""Who is attacked: secrets and covers to train attackers with, and other people in other covers to try them on."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Hidings:
    """Secrets and the covers that each goes into.

    Attributes:
        secrets: uint8, shape (N, 3, S, S).
        covers: uint8, shape (C, 3, H, W), sides that are multiples of 32 pixels.
        chosen: Numbers of each secret's covers, int64, shape (N, copies).
    """

    secrets: Tensor
    covers: Tensor
    chosen: Tensor

    def __len__(self) -> int:
        return len(self.secrets)


@dataclass(frozen=True)
class Pairs:
    """Who is compared with whom, by numbers of test secrets.

    Attributes:
        first: int64, shape (P,).
        second: int64, shape (P,).
        same: Whether both show the same person, bool, shape (P,).
        fold: int64, shape (P,).
        people: Person of each test secret, int64, shape (N,).
    """

    first: Tensor
    second: Tensor
    same: Tensor
    fold: Tensor
    people: Tensor


@dataclass(frozen=True)
class AttackData:
    """All that attackers are trained and tried on.

    Attributes:
        train: One cover each, in random order: the first n are a random sample.
        test: Other people, or other pictures of the digits, in other covers; three each.
        pairs: Of the test secrets.
        description: What it is, JSON values; equal ones mean equal data.
    """

    train: Hidings
    test: Hidings
    pairs: Pairs
    description: dict[str, Any]


def shuffled(count: int, seed: int, limit: int | None) -> list[int]:
    """Return the numbers below `count` in random order, `limit` of them at most."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed))[:limit].tolist()
