"""What `miais evaluate` does once its arguments are known."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from miais.card import write_card
from miais.cli.output import json_line, print_table
from miais.data.covers import CoverSet, scikit_image_photographs
from miais.data.protocol import read_protocol
from miais.data.secrets import SecretSet, digits
from miais.evaluation.classes import ClassEvaluation, assigned_crops, evaluate_classes
from miais.evaluation.face_protocol import face_protocol
from miais.evaluation.faces import FaceEvaluation, Recognition, evaluate_faces
from miais.system import StegoSystem, load
from miais.system_folder import find_system
from miais.training.corpus import DIGITS, HELD_OUT, find_set


def evaluate_run(
    model: str,
    *,
    protocol: Path | None,
    data_root: Path | None,
    covers: str,
    secrets: str,
    split: str,
    distortion: str | None,
    keep: Path | None,
    record: bool,
    as_json: bool,
) -> None:
    """Score a system and print its table or JSON.

    Raises:
        ValueError: If the split or distortion is unknown, or the protocol is needed and not given.
        FileNotFoundError: If a system, set or protocol file is missing.
    """
    if split not in ("test", "val"):
        raise ValueError(f"expected split 'test' or 'val', got {split!r}")
    system = load(model)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("containers", total=None)
        options: dict[str, Any] = {
            "distortion": distortion,
            "folder": keep,
            "progress": lambda done, all_of_them: bar.update(task, completed=done, total=all_of_them),
        }
        result: ClassEvaluation | FaceEvaluation
        if system.card.training.get("data", {}).get("secrets") == DIGITS:
            result = _digits(system, options)
        else:
            if protocol is None or data_root is None:
                raise ValueError(f"system {system.card.name!r} is scored on people: give --protocol and --data-root")
            result = _faces(system, protocol, data_root, covers, secrets, split, options)
    scores = asdict(result)
    if record:
        metrics = {**system.card.metrics, f"{split}/{covers}/{distortion or 'none'}": scores}
        write_card(find_system(model), replace(system.card, metrics=metrics))
    if as_json:
        print(json_line(scores), flush=True)
    else:
        print_table(("", "plain secret", "container"), _rows(result))


def _digits(system: StegoSystem, options: dict[str, Any]) -> ClassEvaluation:
    test = digits(system.card.image_size, "test")
    photographs = scikit_image_photographs("test")
    crops = assigned_crops(photographs, len(test), 2 * system.card.image_size)
    return evaluate_classes(system, test, crops, **options)


def _faces(
    system: StegoSystem,
    protocol_folder: Path,
    data_root: Path,
    covers: str,
    secrets: str,
    split: str,
    options: dict[str, Any],
) -> FaceEvaluation:
    protocol = read_protocol(protocol_folder)
    names: Sequence[str] = protocol.covers(covers, "test" if split == "test" else "train")
    if split == "val":  # the covers that training has held out
        names = names[::HELD_OUT]
    people = SecretSet.open(find_set(data_root, secrets), system.card.image_size, protocol.identities(split))
    pictures = CoverSet.open(find_set(data_root, covers), names)
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
