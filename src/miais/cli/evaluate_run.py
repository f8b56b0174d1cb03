"""What `miais evaluate` does once its arguments are known."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import typer
from rich.console import Console
from rich.progress import Progress

from miais.card import write_card
from miais.cli.evaluate import COVERS, SECRETS
from miais.cli.evaluate_tables import print_scores
from miais.cli.load_system import load_system
from miais.cli.output import json_line
from miais.data.covers import CoverSet, scikit_image_photographs
from miais.data.protocol import read_protocol
from miais.data.secrets import SecretSet, digits
from miais.evaluation.classes import ClassEvaluation, assigned_crops, evaluate_classes
from miais.evaluation.face_protocol import face_protocol
from miais.evaluation.face_scores import FaceEvaluation
from miais.evaluation.faces import evaluate_faces
from miais.steganalysis.stegexpose.tally import StegExposeTally
from miais.system import StegoSystem
from miais.system_folder import find_system
from miais.training.corpus import DIGITS, HELD_OUT, PHOTOGRAPHS, find_set


@dataclass(frozen=True)
class Sources:
    """Where people, covers and their protocol come from; None where the user has not said."""

    protocol: Path | None = None
    data_root: Path | None = None
    covers: str | None = None
    secrets: str | None = None


def evaluate_run(
    model: str,
    key_file: Path | None,
    sources: Sources,
    *,
    split: Literal["test", "val"],
    distortions: Sequence[str],
    keep: Path | None,
    record: bool,
    as_json: bool,
) -> None:
    """Score a system, print its tables or JSON, and record the scores in its card.

    Raises:
        typer.BadParameter: If the sources are not those that this system needs.
        ValueError: If a set or the protocol is not usable.
        FileNotFoundError: If a system, set or protocol file is missing.
    """
    system = load_system(model, key_file)
    bundled = shows_digits(system)
    if bundled:
        refuse_sources(system, sources)
    covers = PHOTOGRAPHS if bundled else sources.covers or COVERS
    tally = StegExposeTally()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("containers", total=None)
        options: dict[str, Any] = {
            "distortions": distortions,
            "folder": keep,
            "watch": tally.add,
            "progress": lambda done, all_of_them: bar.update(task, completed=done, total=all_of_them),
        }
        results: Sequence[ClassEvaluation | FaceEvaluation]
        results = _digits(system, split, options) if bundled else _faces(system, sources, covers, split, options)
    detected = tally.detection()
    scores = [{**asdict(result), "stegexpose": asdict(detected)} for result in results]
    try:  # Scores take long to make: neither a card that cannot be written nor a reader that has left may lose them.
        for line in scores if as_json else ():
            print(json_line(line), flush=True)
        if not as_json:
            print_scores(results, detected)
    finally:
        if record:
            metrics = {f"{split}/{covers}/{line['distortion']}": line for line in scores}
            write_card(find_system(model), replace(system.card, metrics={**system.card.metrics, **metrics}))


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


def _digits(system: StegoSystem, split: Literal["test", "val"], options: dict[str, Any]) -> Sequence[ClassEvaluation]:
    secrets = digits(system.card.image_size, split)
    crops = assigned_crops(scikit_image_photographs(split), len(secrets), 2 * system.card.image_size)
    return evaluate_classes(system, secrets, crops, **options)


def _faces(
    system: StegoSystem, sources: Sources, covers: str, split: Literal["test", "val"], options: dict[str, Any]
) -> Sequence[FaceEvaluation]:
    if sources.protocol is None or sources.data_root is None:
        raise typer.BadParameter(
            f"system {system.card.name!r} is scored on people: give --protocol and --data-root", param_hint="MODEL"
        )
    protocol = read_protocol(sources.protocol)
    names: Sequence[str] = protocol.covers(covers, "test" if split == "test" else "train")
    if split == "val":  # the covers that training has held out
        names = names[::HELD_OUT]
    faces = find_set(sources.data_root, sources.secrets or SECRETS)
    people = SecretSet.open(faces, system.card.image_size, protocol.identities(split))
    pictures = CoverSet.open(find_set(sources.data_root, covers), names)
    return evaluate_faces(
        system, people, pictures, face_protocol(protocol, split, people.names, pictures.names), **options
    )
