"""The secrets and covers of a recipe: bundled ones, or those below a data root, split as the protocol says."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from miais.data.covers import CoverSet, scikit_image_photographs
from miais.data.image_files import open_image_files
from miais.data.protocol import Protocol, assigned_covers, identity_of, read_protocol
from miais.data.secrets import SecretSet, digits
from miais.training.settings import DataSettings
from miais.training.validation import FixedPairs, Validator

logger = logging.getLogger(__name__)
DIGITS, PHOTOGRAPHS = "digits", "scikit-image"
HELD_OUT = 10


@dataclass(frozen=True)
class Corpus:
    """Training secrets and covers, and the validator.

    Attributes:
        secrets: To train on.
        covers: To train on.
        validator: Other people in other covers.
        validation_secrets: These people.
        held_out_covers: Covers that training does not use.
        protocol: The fixed files; None where all is bundled.
        description: For the card: what was trained on.
    """

    secrets: SecretSet
    covers: CoverSet
    validator: Validator
    validation_secrets: SecretSet
    held_out_covers: CoverSet
    protocol: Protocol | None
    description: dict[str, object]


def open_corpus(
    settings: DataSettings, image_size: int, data_root: Path | None, protocol_folder: Path | None, device: torch.device
) -> Corpus:
    """Open a recipe's data and decode it once.

    Args:
        settings: Names of the sets.
        image_size: S.
        data_root: Folder of the sets that are not bundled.
        protocol_folder: Where the protocol's CSV files are; None: `protocol` beside the data root.
        device: Where validation computes.

    Raises:
        FileNotFoundError: If a set or the protocol is missing.
        ValueError: If a set is not usable; see `SecretSet` and `CoverSet`.
    """
    needs_root = settings.secrets != DIGITS or any(name != PHOTOGRAPHS for name in settings.covers)
    if needs_root and data_root is None:
        raise FileNotFoundError(f"the recipe needs {settings.secrets!r} and covers {settings.covers}: give --data-root")
    protocol = None
    if needs_root and data_root is not None:
        protocol = read_protocol(protocol_folder or data_root.parent / "protocol")
    train, validation = _secrets(settings.secrets, image_size, data_root, protocol)
    if settings.pictures is not None:
        train = train.with_pictures(settings.pictures)
    covers, held_out_covers = _covers(settings, data_root, protocol)
    for unreadable in (train.scan(), covers.scan(None if settings.cover_crops else (settings.cover_size,) * 2)):
        if unreadable:
            logger.warning("%d unreadable files left out: %s", len(unreadable), ", ".join(unreadable[:10]))
    validator = _validator(settings, validation, held_out_covers, protocol, device)
    description = {
        "secrets": settings.secrets,
        "images": len(train),
        "identities": len(train.identities),
        "covers": " + ".join(settings.covers),
        "cover_images": len(covers),
    }
    return Corpus(train, covers, validator, validation, held_out_covers, protocol, description)


def _secrets(
    name: str, image_size: int, data_root: Path | None, protocol: Protocol | None
) -> tuple[SecretSet, SecretSet]:
    """Return the secrets to train on and to validate with."""
    if name == DIGITS:
        return digits(image_size, "train"), digits(image_size, "val")
    path = find_set(data_root, name)
    if _shows_known_labels(name):
        return SecretSet.open(path, image_size, split="train"), SecretSet.open(path, image_size, split="val")
    if protocol is None:
        raise FileNotFoundError("people need a protocol that says who is for training: give --protocol")
    train, validation = (SecretSet.open(path, image_size, protocol.identities(part)) for part in ("train", "val"))
    return train, validation


def _shows_known_labels(name: str) -> bool:
    """Whether the validation part shows the labels of the training part, and not other people."""
    return name == DIGITS or name.startswith("tiny-imagenet")


def _covers(settings: DataSettings, data_root: Path | None, protocol: Protocol | None) -> tuple[CoverSet, CoverSet]:
    """Return the covers to train on and to validate with, every tenth of the protocol's training covers."""
    parts: list[dict[str, CoverSet]] = [{}, {}]
    for name in settings.covers:
        if name == PHOTOGRAPHS:
            parts[0][name], parts[1][name] = scikit_image_photographs("train"), scikit_image_photographs("val")
        elif protocol is not None:
            path = find_set(data_root, name)
            names = cover_names(protocol, name, "train", path)
            parts[0][name] = CoverSet.open(path, [cover for index, cover in enumerate(names) if index % HELD_OUT])
            parts[1][name] = CoverSet.open(path, names[::HELD_OUT])
    return CoverSet.union(parts[0]), CoverSet.union(parts[1])


def cover_names(protocol: Protocol, name: str, split: Literal["train", "test"], path: Path) -> tuple[str, ...]:
    """Return the covers of a set for training or for the test.

    Args:
        protocol: Says which they are. Of a set that it does not know as covers it knows the people: then one picture of
            each of them is a cover.
        name: Of the set.
        split: Which part.
        path: Of the set.

    Raises:
        ValueError: If the protocol knows neither.
    """
    people = () if protocol.has_covers(name) else protocol.identities(split)
    names = open_image_files(path, depth=2).names if people else ()
    first = {identity_of(picture): picture for picture in sorted(names, reverse=True)}
    return tuple(sorted(first[person] for person in people if person in first)) or protocol.covers(name, split)


def find_set(data_root: Path | None, name: str) -> Path:
    """Return the folder or archive of a set below the data root.

    Raises:
        FileNotFoundError: If there is neither.
    """
    for path in (Path(name),) if data_root is None else (data_root / name, data_root / f"{name}.zip"):
        if path.exists():
            return path
    raise FileNotFoundError(f"expected the set {name!r} as a folder or .zip in {data_root}, found neither")


def _validator(
    settings: DataSettings,
    secrets: SecretSet,
    covers: CoverSet,
    protocol: Protocol | None,
    device: torch.device,
) -> Validator:
    pairs, wanted = None, list(range(len(secrets)))
    if not _shows_known_labels(settings.secrets) and protocol is not None:
        listed = protocol.pairs("val")
        position = {name: index for index, name in enumerate(sorted({*listed.image_a, *listed.image_b}))}
        missing = sorted(position.keys() - set(secrets.names))
        if missing:
            raise ValueError(
                f"{settings.secrets}: {len(missing)} images of the protocol's validation pairs are not in it, such as "
                f"{missing[0]}; give the --protocol of this set"
            )
        first, second = (torch.tensor([position[name] for name in side]) for side in (listed.image_a, listed.image_b))
        pairs = FixedPairs(first, second, listed.same, listed.fold)
        number = {name: index for index, name in enumerate(secrets.names)}
        wanted = [number[name] for name in position]
    assigned = assigned_covers([f"{index:06d}" for index in wanted], covers.names)
    cover_number = {name: index for index, name in enumerate(covers.names)}
    size = (settings.cover_size, settings.cover_size)
    chosen = [covers.pixels(cover_number[names[0]], size) for names in assigned.values()]
    pixels = torch.stack([secrets.pixels(index) for index in wanted])
    return Validator(pixels, torch.stack(chosen), secrets.labels[wanted], pairs, device)
