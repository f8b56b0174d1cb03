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
from miais.cli.output import json_line, print_table
from miais.data.covers import CoverSet, scikit_image_photographs
from miais.data.protocol import read_protocol
from miais.data.secrets import SecretSet, digits
from miais.evaluation.classes import ClassEvaluation, assigned_crops, evaluate_classes
from miais.evaluation.face_protocol import face_protocol
from miais.evaluation.faces import FaceEvaluation, Recognition, evaluate_faces
from miais.system import StegoSystem, load
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
    sources: Sources,
    *,
    split: Literal["test", "val"],
    distortion: str | None,
    keep: Path | None,
    record: bool,
    as_json: bool,
) -> None:
    """Score a system, print its table or JSON, and record the scores in its card.

    Raises:
        typer.BadParameter: If the sources are not those that this system needs.
        ValueError: If a set or the protocol is not usable.
        FileNotFoundError: If a system, set or protocol file is missing.
    """
    system = load(model)
    bundled = shows_digits(system)
    if bundled:
        refuse_sources(system, sources)
    covers = PHOTOGRAPHS if bundled else sources.covers or COVERS
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("containers", total=None)
        options: dict[str, Any] = {
            "distortion": distortion,
            "folder": keep,
            "progress": lambda done, all_of_them: bar.update(task, completed=done, total=all_of_them),
        }
        result: ClassEvaluation | FaceEvaluation
        result = _digits(system, split, options) if bundled else _faces(system, sources, covers, split, options)
    scores = asdict(result)
    try:  # Scores take long to make: neither a card that cannot be written nor a reader that has left may lose them.
        if as_json:
            print(json_line(scores), flush=True)
        else:
            print_table(("", "plain secret", "container"), _rows(result))
    finally:
        if record:
            metrics = {**system.card.metrics, f"{split}/{covers}/{distortion or 'none'}": scores}
            write_card(find_system(model), replace(system.card, metrics=metrics))


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


def _digits(system: StegoSystem, split: Literal["test", "val"], options: dict[str, Any]) -> ClassEvaluation:
    secrets = digits(system.card.image_size, split)
    crops = assigned_crops(scikit_image_photographs(split), len(secrets), 2 * system.card.image_size)
    return evaluate_classes(system, secrets, crops, **options)


def _faces(
    system: StegoSystem, sources: Sources, covers: str, split: Literal["test", "val"], options: dict[str, Any]
) -> FaceEvaluation:
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


def _rows(result: ClassEvaluation | FaceEvaluation) -> list[tuple[str, str, str]]:
    fidelity = result.container
    rows = [
        ("containers", "", str(fidelity.images)),
        ("distortion", "", result.distortion),
        ("MSE", "", f"{fidelity.mse:.3g}"),
        ("PSNR, mean of images (dB)", "", f"{fidelity.mean_psnr_db:.2f}"),
        ("PSNR of mean MSE (dB)", "", f"{fidelity.psnr_of_mean_db:.2f}"),
        ("PSNR, worst image (dB)", "", f"{fidelity.worst_psnr_db:.2f}"),
        ("MS-SSIM, standard", "", f"{fidelity.ms_ssim:.4f}"),
        ("MS-SSIM, authors' scale", "", f"{fidelity.ms_ssim_miais:.4f}"),
    ]
    drop = f"{result.drop.drop:+.2f} [{result.drop.low:+.2f}, {result.drop.high:+.2f}]"
    if isinstance(result, ClassEvaluation):
        rows.append(("accuracy", f"{result.plain_accuracy:.4f}", f"{result.accuracy:.4f}"))
    else:
        if result.restored is not None:
            rows += [
                ("restored PSNR, mean of images (dB)", "", f"{result.restored.mean_psnr_db:.2f}"),
                ("restored PSNR of mean MSE (dB)", "", f"{result.restored.psnr_of_mean_db:.2f}"),
                ("restored MS-SSIM", "", f"{result.restored.ms_ssim:.4f}"),
            ]
        columns = [_recognition(kind) for kind in (result.plain, result.hidden)]
        rows += [(name, columns[0][name], columns[1][name]) for name in columns[0]]
    return [*rows, ("paired accuracy drop, points [95%]", "", drop)]


def _recognition(scores: Recognition) -> dict[str, str]:
    pairs, people = scores.verification, scores.identification
    cells = {
        "Acc, 10 folds [95%]": f"{pairs.accuracy:.4f} [{pairs.accuracy_low:.4f}, {pairs.accuracy_high:.4f}]",
        "VAL@FAR 1e-2": f"{pairs.val_at_far_1e2:.4f}",
        "VAL@FAR 1e-3": f"{pairs.val_at_far_1e3:.4f}",
        "EER": f"{pairs.eer:.4f}",
        "AUC": f"{pairs.auc:.4f}",
    }
    if people is not None:
        cells["rank-1 [95%]"] = f"{people.rank_1:.4f} [{people.rank_1_low:.4f}, {people.rank_1_high:.4f}]"
        cells["rank-5"] = f"{people.rank_5:.4f}"
    return cells
