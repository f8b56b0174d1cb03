from typing import NamedTuple

import pytest
import torch
from torch import Tensor


class Pairs(NamedTuple):
    """In the order in which `verification_report` takes them."""

    distances: Tensor
    same: Tensor
    folds: Tensor
    identities_a: Tensor
    identities_b: Tensor


@pytest.fixture
def pairs() -> Pairs:
    """600 pairs, half same, in 10 folds of disjoint people, distances rounded to 0.01 so that many are equal."""
    count, folds, people_per_fold = 600, 10, 12
    generator = torch.Generator().manual_seed(0)
    fold = torch.arange(count) % folds
    same = torch.arange(count) // folds % 2 == 0
    first = torch.randint(people_per_fold, (count,), generator=generator)
    step = torch.randint(1, people_per_fold, (count,), generator=generator)
    second = torch.where(same, first, (first + step) % people_per_fold)
    distances = torch.where(same, 0.8, 1.3) + 0.25 * torch.randn(count, generator=generator)
    distances = (distances.clamp(0, 2) * 100).round() / 100
    return Pairs(distances, same, fold, 100 + 50 * fold + first, 100 + 50 * fold + second)
