"""Systems scored on what the user has named: people, or the bundled digits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import typer

from miais.cli.evaluate import COVERS, SECRETS
from miais.data.covers import CoverSet, scikit_image_photographs
from miais.data.protocol import COVERS_PER_SECRET, Protocol, read_protocol
from miais.data.secrets import SecretSet, digits
from miais.evaluation.classes import ClassEvaluation, assigned_crops, evaluate_classes
from miais.evaluation.face_protocol import face_protocol
from miais.evaluation.face_scores import FaceEvaluation
from miais.evaluation.faces import evaluate_faces
from miais.evaluation.saved import Hiding
from miais.image import from_uint8
from miais.system import StegoSystem
from miais.training.corpus import DIGITS, HELD_OUT, find_set


@dataclass(frozen=True)
class Sources:
    """Where people, covers and their protocol come from; None where the user has not said."""

    protocol: Path | None = None
    data_root: Path | None = None
    covers: str | None = None
    secrets: str | None = None


def shows_digits(system: StegoSystem) -> bool:
    """Whether a system was trained on the bundled digits."""
    data = system.card.training.get("data")
    return isinstance(data, Mapping) and data.get("secrets") == DIGITS


def refuse_sources(system: StegoSystem, sources: Sources) -> None:
    """Refuse sources where only bundled ones are used.

    Raises:
        typer.BadParameter: If the user has said one.
    """
    given = [f"--{name.replace('_', '-')}" for name, value in vars(sources).items() if value is not None]
    if given:
        raise typer.BadParameter(
            f"system {system.card.name!r} is scored on the bundled digits in bundled photographs; leave out "
            f"{' and '.join(given)}",
            param_hint=given[0],
        )


def score_digits(
    system: StegoSystem, split: Literal["test", "val"], options: Mapping[str, Any], *, every: int = 1
) -> Sequence[ClassEvaluation]:
    """Score a system on the bundled digits in bundled photographs.

    Args:
        system: The system.
        split: Of both.
        options: Of `evaluate_classes`.
        every: Take only every so many-th digit.
    """
    secrets = digits(system.card.image_size, split, every=every)
    crops = assigned_crops(scikit_image_photographs(split), len(secrets), 2 * system.card.image_size)
    return evaluate_classes(system, secrets, crops, **options)


def score_faces(
    system: StegoSystem,
    sources: Sources,
    split: Literal["test", "val"],
    options: Mapping[str, Any],
    *,
    copies: int = COVERS_PER_SECRET,
) -> Sequence[FaceEvaluation]:
    """Score a system on people.

    Args:
        system: The system.
        sources: Of people, covers and protocol.
        split: Of both.
        options: Of `evaluate_faces`.
        copies: Of the three covers that each picture has, hide it in so many.

    Raises:
        typer.BadParameter: If the protocol or the data is missing.
    """
    protocol, people, pictures = _open_people(system, sources, split)
    used = face_protocol(protocol, split, people.names, pictures.names, copies=copies)
    return evaluate_faces(system, people, pictures, used, **options)


def hidings_of_digits(system: StegoSystem, split: Literal["test", "val"], *, every: int = 1) -> list[Hiding]:
    """Hide each of the bundled digits in one bundled photograph; arguments as `score_digits`."""
    secrets = digits(system.card.image_size, split, every=every)
    crops = assigned_crops(scikit_image_photographs(split), len(secrets), 2 * system.card.image_size)
    return [
        Hiding(f"{index:05d}", from_uint8(secrets.pixels(index)), from_uint8(covers[0]))
        for index, covers in enumerate(crops)
    ]


def hidings_of_faces(
    system: StegoSystem, sources: Sources, split: Literal["test", "val"], *, in_each_cover: int = 1
) -> list[Hiding]:
    """Hide people in every cover of a split, one picture of each at most, and so many in each cover.

    Other arguments and errors as `score_faces`.
    """
    _, people, pictures = _open_people(system, sources, split)
    of_person = dict(zip(people.labels.tolist(), range(len(people)), strict=True))
    chosen = sorted(of_person.values())[: len(pictures) * in_each_cover]
    return [
        Hiding(f"{index:05d}", from_uint8(people.pixels(number)), from_uint8(pictures.pixels(index % len(pictures))))
        for index, number in enumerate(chosen)
    ]


def _open_people(
    system: StegoSystem, sources: Sources, split: Literal["test", "val"]
) -> tuple[Protocol, SecretSet, CoverSet]:
    if sources.protocol is None or sources.data_root is None:
        raise typer.BadParameter(
            f"system {system.card.name!r} is scored on people: give --protocol and --data-root", param_hint="MODEL"
        )
    covers = sources.covers or COVERS
    protocol = read_protocol(sources.protocol)
    names: Sequence[str] = protocol.covers(covers, "test" if split == "test" else "train")
    if split == "val":  # the covers that training has held out
        names = names[::HELD_OUT]
    faces = find_set(sources.data_root, sources.secrets or SECRETS)
    people = SecretSet.open(faces, system.card.image_size, protocol.identities(split))
    return protocol, people, CoverSet.open(find_set(sources.data_root, covers), names)
