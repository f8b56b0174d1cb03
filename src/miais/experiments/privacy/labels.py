"""The attack's data where all is bundled: digits in photographs; "the same person" is the same digit."""

from typing import Literal

import torch
from torch import Tensor

from miais.data.covers import scikit_image_photographs
from miais.data.secrets import SecretSet, digits
from miais.evaluation.classes import assigned_crops
from miais.experiments.privacy.data import AttackData, Hidings, Pairs, shuffled

_FOLDS = 10
_FEW_TRAIN, _FEW_TEST = 120, 40


def digits_data(image_size: int, *, seed: int, limit: int | None = None, few: bool = False) -> AttackData:
    """Take digits and photographs, those for training to learn from, and those for testing to attack.

    Args:
        image_size: S of the system; covers have twice this side.
        seed: Of the order of the training pairs, and of who is compared with whom.
        limit: Training pairs at most; None: all.
        few: A handful of each, to try an experiment.

    Raises:
        ModuleNotFoundError: If scikit-image is not installed.
    """
    secrets = digits(image_size, "train")
    if few:
        limit = min(limit or _FEW_TRAIN, _FEW_TRAIN)
    train = _hidings(secrets, shuffled(len(secrets), seed, limit), "train", copies=1)
    secrets = digits(image_size, "test")
    kept = list(range(len(secrets)))[:: len(secrets) // _FEW_TEST if few else 1]
    test = _hidings(secrets, kept, "test", copies=3)
    description = {
        "secrets": "digits",
        "covers": "scikit-image",
        "split": "test",
        "train_pairs": len(train),
        "test_images": len(test),
    }
    return AttackData(train, test, _pairs(secrets.labels[kept], seed, 100 if few else 1000), description)


def _hidings(secrets: SecretSet, numbers: list[int], split: Literal["train", "test"], *, copies: int) -> Hidings:
    crops = assigned_crops(scikit_image_photographs(split), len(numbers), 2 * secrets.image_size)
    return Hidings(
        torch.stack([secrets.pixels(index) for index in numbers]),
        torch.stack([crop for several in crops for crop in several[:copies]]),
        torch.arange(copies * len(numbers)).view(-1, copies),
    )


def _pairs(labels: Tensor, seed: int, each: int) -> Pairs:
    """Draw as many pairs of one label as of two."""
    random = torch.Generator().manual_seed(seed)
    every = torch.combinations(torch.arange(len(labels)))
    same = labels[every[:, 0]] == labels[every[:, 1]]
    each = min(each, int(same.sum()), int((~same).sum()))
    drawn = [kind[torch.randperm(len(kind), generator=random)[:each]] for kind in (every[same], every[~same])]
    first, second = torch.cat(drawn).unbind(dim=1)
    fold = torch.cat([torch.arange(len(kind)) % _FOLDS for kind in drawn])
    return Pairs(first, second, labels[first] == labels[second], fold, labels)
