"""Who is attacked: secrets and covers to train attackers with, and other people in other covers to try them on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from miais.data.covers import CoverSet, scikit_image_photographs
from miais.data.protocol import assigned_covers, identity_of, read_protocol
from miais.data.secrets import SecretSet, digits
from miais.evaluation.classes import assigned_crops
from miais.evaluation.face_protocol import face_protocol
from miais.training.corpus import find_set

COVER_SIDE = 256
_FOLDS = 10
_FEW_TRAIN, _FEW_TEST = 120, 40


@dataclass(frozen=True)
class Hidings:
    """Secrets and the covers that each goes into.

    Attributes:
        secrets: uint8, shape (N, 3, S, S).
        covers: uint8, shape (C, 3, H, W), sides of 32 k pixels.
        chosen: Number of each secret's covers, int64, shape (N, copies).
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


def people_data(
    image_size: int, protocol_folder: Path, data_root: Path, *, secrets: str, covers: str, seed: int, limit: int | None
) -> AttackData:
    """Open faces and covers as the protocol splits them.

    Args:
        image_size: S of the system.
        protocol_folder: Of the CSV files.
        data_root: Folder of the sets.
        secrets: Name of the set of faces.
        covers: Name of the set of covers, resized to 256 pixels a side.
        seed: Of the order of the training pairs.
        limit: Training pairs at most; None: all.

    Raises:
        FileNotFoundError: If a set or file is missing.
        ValueError: If one is not usable.
    """
    protocol = read_protocol(protocol_folder)
    faces, pictures = find_set(data_root, secrets), find_set(data_root, covers)
    train = SecretSet.open(faces, image_size, protocol.identities("train"), cache=False)
    test = SecretSet.open(faces, image_size, protocol.identities("test"), cache=False)
    train_covers = CoverSet.open(pictures, protocol.covers(covers, "train"))
    test_covers = CoverSet.open(pictures, protocol.covers(covers, "test"))
    used = face_protocol(protocol, "test", test.names, test_covers.names)
    position = {name: index for index, name in enumerate(used.covers)}
    number = {name: index for index, name in enumerate(test_covers.names)}
    whom = {person: index for index, person in enumerate(test.identities)}
    order = _shuffled(len(train), seed, limit)
    train_number = {name: index for index, name in enumerate(train_covers.names)}
    first_cover = [names[0] for names in assigned_covers(train.names, train_covers.names).values()]
    listed = used.pairs
    return AttackData(
        Hidings(
            _pixels(train, order),
            _stacked(train_covers),
            torch.tensor([[train_number[first_cover[index]]] for index in order]),
        ),
        Hidings(
            _pixels(test, [index for index, name in enumerate(test.names) if name in position]),
            _stacked(test_covers),
            torch.tensor([[number[name] for name in names] for names in used.covers.values()]),
        ),
        Pairs(
            torch.tensor([position[name] for name in listed.image_a]),
            torch.tensor([position[name] for name in listed.image_b]),
            listed.same,
            listed.fold,
            torch.tensor([whom[identity_of(name)] for name in position]),
        ),
        {
            "secrets": secrets,
            "covers": covers,
            "split": "test",
            "train_pairs": len(order),
            "test_images": len(position),
            "fingerprint": _fingerprint([*(train.names[index] for index in order), *map(str, used.covers.items()), *map(
                str, zip(listed.fold.tolist(), listed.image_a, listed.image_b, strict=True)
            )]),
        },
    )  # fmt: skip


def digits_data(image_size: int, *, seed: int, few: bool = False) -> AttackData:
    """Take the bundled digits in the bundled photographs; "the same person" is the same digit.

    Args:
        image_size: S of the system.
        seed: Of the order of the training pairs, and of who is compared with whom.
        few: A handful of each, to try an experiment.

    Raises:
        ModuleNotFoundError: If scikit-image is not installed.
    """
    train, test = digits(image_size, "train"), digits(image_size, "test")
    side = 2 * image_size
    order = _shuffled(len(train), seed, _FEW_TRAIN if few else None)
    kept = range(0, len(test), len(test) // _FEW_TEST) if few else range(len(test))
    crops = [assigned_crops(scikit_image_photographs(part), count, side) for part, count in
             (("train", len(order)), ("test", len(kept)))]  # fmt: skip
    labels = test.labels[list(kept)]
    return AttackData(
        Hidings(
            _pixels(train, order), torch.stack([several[0] for several in crops[0]]), torch.arange(len(order))[:, None]
        ),
        Hidings(
            _pixels(test, list(kept)),
            torch.stack([crop for several in crops[1] for crop in several]),
            torch.arange(3 * len(kept)).view(-1, 3),
        ),
        _pairs_of_labels(labels, seed, 100 if few else 1000),
        {"secrets": "digits", "covers": "scikit-image", "split": "test", "train_pairs": len(order),
         "test_images": len(kept)},
    )  # fmt: skip


def _pairs_of_labels(labels: Tensor, seed: int, each: int) -> Pairs:
    """Draw as many pairs of one label as of two."""
    random = torch.Generator().manual_seed(seed)
    every = torch.combinations(torch.arange(len(labels)))
    same = labels[every[:, 0]] == labels[every[:, 1]]
    drawn = [kind[torch.randperm(len(kind), generator=random)[:each]] for kind in (every[same], every[~same])]
    first, second = torch.cat(drawn).unbind(dim=1)
    fold = torch.cat([torch.arange(len(kind)) % _FOLDS for kind in drawn])
    return Pairs(first, second, labels[first] == labels[second], fold, labels)


def _shuffled(count: int, seed: int, limit: int | None) -> list[int]:
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed))[:limit].tolist()


def _pixels(secrets: SecretSet, numbers: list[int]) -> Tensor:
    return torch.stack([secrets.pixels(index) for index in numbers])


def _stacked(covers: CoverSet) -> Tensor:
    return torch.stack([covers.pixels(index, (COVER_SIDE, COVER_SIDE)) for index in range(len(covers))])


def _fingerprint(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
