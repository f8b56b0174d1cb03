"""The attack's data of people: faces and covers as the protocol splits them."""

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

import torch
from torch import Tensor

from miais.data.covers import CoverSet
from miais.data.protocol import Protocol, assigned_covers, identity_of, read_protocol
from miais.data.secrets import SecretSet
from miais.evaluation.face_protocol import FaceProtocol, face_protocol
from miais.experiments.privacy.data import AttackData, Hidings, Pairs, shuffled
from miais.training.corpus import find_set

COVER_SIDE = 256


class PeopleFiles:
    """Faces, covers and protocol, opened.

    Args:
        protocol_folder: Of the CSV files.
        data_root: Folder of the sets.
        secrets: Name of the set of faces.
        covers: Name of the set of covers; they are resized to 256 pixels a side, so that attackers train on batches.

    Raises:
        FileNotFoundError: If a set or file is missing.
        ValueError: If the protocol is not usable.
    """

    def __init__(self, protocol_folder: Path, data_root: Path, *, secrets: str, covers: str) -> None:
        self.protocol: Protocol = read_protocol(protocol_folder)
        self.secrets, self.covers = secrets, covers
        self.faces, self.pictures = find_set(data_root, secrets), find_set(data_root, covers)

    def open_faces(self, split: str, image_size: int) -> SecretSet:
        """Open the faces of a split's people."""
        return SecretSet.open(self.faces, image_size, self.protocol.identities(split), cache=False)

    def open_covers(self, split: str) -> CoverSet:
        """Open the covers of a split."""
        return CoverSet.open(self.pictures, self.protocol.covers(self.covers, split))


def people_data(files: PeopleFiles, image_size: int, *, seed: int, limit: int | None = None) -> AttackData:
    """Read faces and covers: attackers train on the train split, and are tried on the test split.

    Args:
        files: Where they are.
        image_size: S of the system.
        seed: Of the order of the training pairs.
        limit: Training pairs at most; None: all.

    Raises:
        ImageError: If a file cannot be decoded.
        ValueError: If an image of the protocol is missing.
    """
    faces, covers = files.open_faces("train", image_size), files.open_covers("train")
    order = shuffled(len(faces), seed, limit)
    assigned = list(assigned_covers(faces.names, covers.names).values())
    train = _hidings(faces, order, covers, [assigned[index][:1] for index in order])
    names = [faces.names[index] for index in order]

    faces, covers = files.open_faces("test", image_size), files.open_covers("test")
    used = face_protocol(files.protocol, "test", faces.names, covers.names)
    wanted = [index for index, name in enumerate(faces.names) if name in used.covers]
    test = _hidings(faces, wanted, covers, used.covers.values())
    listed = used.pairs
    comparisons = zip(listed.fold.tolist(), listed.image_a, listed.image_b, strict=True)
    description = {
        "secrets": files.secrets,
        "covers": files.covers,
        "split": "test",
        "train_pairs": len(train),
        "test_images": len(test),
        "fingerprint": _fingerprint([*names, *used.covers.items(), *comparisons]),
    }
    return AttackData(train, test, _pairs(used), description)


def _hidings(faces: SecretSet, numbers: list[int], covers: CoverSet, chosen: Iterable[Collection[str]]) -> Hidings:
    place = {name: index for index, name in enumerate(covers.names)}
    return Hidings(
        torch.stack([faces.pixels(index) for index in numbers]),
        torch.stack([covers.pixels(index, (COVER_SIDE, COVER_SIDE)) for index in range(len(covers))]),
        torch.tensor([[place[name] for name in names] for names in chosen]),
    )


def _pairs(used: FaceProtocol) -> Pairs:
    position = {name: index for index, name in enumerate(used.covers)}
    people = [identity_of(name) for name in used.covers]
    whom = {person: index for index, person in enumerate(sorted(set(people)))}

    def numbers(names: Iterable[str]) -> Tensor:
        return torch.tensor([position[name] for name in names])

    listed = used.pairs
    return Pairs(
        numbers(listed.image_a),
        numbers(listed.image_b),
        listed.same,
        listed.fold,
        torch.tensor([whom[person] for person in people]),
    )


def _fingerprint(parts: Iterable[object]) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]
