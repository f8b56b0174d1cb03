"""The fixed protocol: who trains, who is compared with whom, and which covers are used.

Files of a protocol folder, each a CSV with a header: `lfw160-split.csv` (identity, split, images),
`lfw160-pairs-val.csv` and `lfw160-pairs-test.csv` (fold, image_a, image_b, same), `lfw160-identification-test.csv`
(role, identity, image), `covers-split.csv` (set, cover, split). Images are named `Person/Person_0001.jpg`.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

COVERS_PER_SECRET = 3
# Prime, so that neighbouring secrets land on covers far apart.
_COVER_STRIDE = 7919

Key = TypeVar("Key", str, tuple[str, str])
Value = TypeVar("Value")


class VerificationPairs(NamedTuple):
    """Pairs of images in identity-disjoint folds.

    Attributes:
        fold: Fold of each pair, int64, shape (P,).
        image_a: First images.
        image_b: Second images.
        same: Whether both show the same person, bool, shape (P,).
    """

    fold: Tensor
    image_a: tuple[str, ...]
    image_b: tuple[str, ...]
    same: Tensor


class IdentificationFiles(NamedTuple):
    """Closed-set identification: one gallery image for each person, and probes of these people."""

    gallery: tuple[str, ...]
    probes: tuple[str, ...]


@dataclass(frozen=True)
class Protocol:
    """A protocol as read by `read_protocol`."""

    _identities: Mapping[str, tuple[str, ...]]
    _pairs: Mapping[str, VerificationPairs]
    _identification: IdentificationFiles
    _covers: Mapping[tuple[str, str], tuple[str, ...]]

    def identities(self, split: str) -> tuple[str, ...]:
        """Return the people of `train`, `val` or `test`, sorted."""
        return _lookup(self._identities, split, "split")

    def pairs(self, split: str) -> VerificationPairs:
        """Return the verification pairs of `val` or `test`."""
        return _lookup(self._pairs, split, "split with pairs")

    def identification(self) -> IdentificationFiles:
        """Return gallery and probes of the test split."""
        return self._identification

    def has_covers(self, cover_set: str) -> bool:
        """Whether the protocol says which pictures of a set are for training and which for the test."""
        return any(known == cover_set for known, _ in self._covers)

    def covers(self, cover_set: str, split: str) -> tuple[str, ...]:
        """Return the covers of a set, such as `covers-imagenet400`, for `train` or `test`, sorted."""
        return _lookup(self._covers, (cover_set, split), "cover set and split")


def read_protocol(folder: str | Path) -> Protocol:
    """Read and check a protocol folder.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If a file's columns or a value in it are not as expected; names the file and line.
    """
    folder = Path(folder)
    identities = _grouped((row["split"], row["identity"]) for row in _rows(folder / "lfw160-split.csv", _SPLIT))
    pairs = {split: _read_pairs(folder / f"lfw160-pairs-{split}.csv") for split in ("val", "test")}
    covers = _grouped(((row["set"], row["split"]), row["cover"]) for row in _rows(folder / "covers-split.csv", _COVERS))
    identification = _read_identification(folder / "lfw160-identification-test.csv")
    for split, of_split in pairs.items():
        _check_people(f"pairs of {split}", of_split.image_a + of_split.image_b, identities.get(split, ()))
    _check_people("identification", identification.gallery + identification.probes, identities.get("test", ()))
    return Protocol(identities, pairs, identification, covers)


def assigned_covers(images: Iterable[str], covers: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Assign three covers to each secret: secret i gets covers ((3 i + j) * 7919) mod n, j = 0, 1, 2.

    Args:
        images: All secrets of the split; i counts them in sorted order.
        covers: All covers of the split; sorted here.

    Returns:
        Covers by secret, in sorted order of the secrets.

    Example:
        >>> assigned_covers(["b", "a"], [f"c{n}" for n in range(10)])
        {'a': ('c0', 'c9', 'c8'), 'b': ('c7', 'c6', 'c5')}
    """
    ordered = sorted(covers)
    if not ordered:
        raise ValueError("expected at least one cover, got none")
    return {
        image: tuple(
            ordered[(COVERS_PER_SECRET * i + j) * _COVER_STRIDE % len(ordered)] for j in range(COVERS_PER_SECRET)
        )
        for i, image in enumerate(sorted(images))
    }


def identity_of(image: str) -> str:
    """Return the person in an image, which is its folder.

    Example:
        >>> identity_of("Ana_Palacio/Ana_Palacio_0004.jpg")
        'Ana_Palacio'
    """
    return image.rpartition("/")[0]


_PART = frozenset({"train", "val", "test"})
_ANY = None
# Columns of each file with the values that they may have.
_SPLIT = {"identity": _ANY, "split": _PART, "images": _ANY}
_COVERS = {"set": _ANY, "cover": _ANY, "split": _PART}
_PAIRS = {"fold": _ANY, "image_a": _ANY, "image_b": _ANY, "same": frozenset({"0", "1"})}
_ROLES = {"role": frozenset({"gallery", "probe"}), "identity": _ANY, "image": _ANY}


def _rows(path: Path, columns: Mapping[str, frozenset[str] | None]) -> Iterator[dict[str, str]]:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: missing; a protocol folder needs this file")
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames is None or not set(columns) <= set(reader.fieldnames):
            raise ValueError(f"{path}: expected the columns {', '.join(columns)}, got {reader.fieldnames}")
        for row in reader:
            for column, allowed in columns.items():
                value = row[column]
                if not value or (allowed is not None and value not in allowed):
                    wanted = "a value" if allowed is None else " or ".join(sorted(allowed))
                    raise ValueError(f"{path}, line {reader.line_num}: expected {wanted} as {column}, got {value!r}")
            yield row


def _read_pairs(path: Path) -> VerificationPairs:
    rows = list(_rows(path, _PAIRS))
    for line, row in enumerate(rows, start=2):
        if not row["fold"].isdecimal():
            raise ValueError(f"{path}, line {line}: expected a whole number as fold, got {row['fold']!r}")
        if (identity_of(row["image_a"]) == identity_of(row["image_b"])) != (row["same"] == "1"):
            raise ValueError(f"{path}, line {line}: same is {row['same']}, but the images' folders say otherwise")
    return VerificationPairs(
        torch.tensor([int(row["fold"]) for row in rows], dtype=torch.int64),
        tuple(row["image_a"] for row in rows),
        tuple(row["image_b"] for row in rows),
        torch.tensor([row["same"] == "1" for row in rows], dtype=torch.bool),
    )


def _read_identification(path: Path) -> IdentificationFiles:
    images = _grouped((row["role"], row["image"]) for row in _rows(path, _ROLES))
    gallery, probes = images.get("gallery", ()), images.get("probe", ())
    people = [identity_of(image) for image in gallery]
    if len(set(people)) != len(people):
        raise ValueError(f"{path}: expected one gallery image for each person, got several for some")
    unknown = {identity_of(image) for image in probes} - set(people)
    if unknown:
        raise ValueError(f"{path}: {len(unknown)} people have probes but no gallery image, such as {min(unknown)}")
    return IdentificationFiles(gallery, probes)


def _check_people(what: str, images: Iterable[str], people: Iterable[str]) -> None:
    strangers = {identity_of(image) for image in images}.difference(people)
    if strangers:
        raise ValueError(f"{what}: {len(strangers)} people are not in that split, such as {min(strangers)}")


def _grouped(items: Iterable[tuple[Key, str]]) -> dict[Key, tuple[str, ...]]:
    groups: dict[Key, list[str]] = {}
    for key, value in items:
        groups.setdefault(key, []).append(value)
    return {key: tuple(sorted(values)) for key, values in groups.items()}


def _lookup(table: Mapping[Key, Value], key: Key, what: str) -> Value:
    if key not in table:
        raise ValueError(f"unknown {what} {key!r}; known: {', '.join(sorted(map(str, table)))}")
    return table[key]
