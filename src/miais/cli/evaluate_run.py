"""What `miais evaluate` does once its arguments are known."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.progress import Progress

from miais.card import SystemCard, read_card, write_card
from miais.cli.evaluate import COVERS
from miais.cli.evaluate_tables import print_scores
from miais.cli.load_system import load_system
from miais.cli.output import json_line
from miais.cli.scoring import Sources, refuse_sources, score_digits, score_faces, shows_digits
from miais.evaluation.classes import ClassEvaluation
from miais.evaluation.face_scores import FaceEvaluation
from miais.evaluation.saved import NONE
from miais.steganalysis.tally import DetectionTally, stegexpose_score
from miais.system_folder import find_system
from miais.training.corpus import PHOTOGRAPHS


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

    From the validation split the card also gets its calibration.

    Raises:
        typer.BadParameter: If the sources are not those that this system needs.
        ValueError: If a set or the protocol is not usable, or the system was replaced while it was scored.
        FileNotFoundError: If a system, set or protocol file is missing.
    """
    system = load_system(model, key_file)
    bundled = shows_digits(system)
    if bundled:
        refuse_sources(system, sources)
    covers = PHOTOGRAPHS if bundled else sources.covers or COVERS
    tally = DetectionTally(stegexpose_score)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("containers", total=None)
        options: dict[str, Any] = {
            "distortions": distortions,
            "folder": keep,
            "watch": tally.add,
            "progress": lambda done, all_of_them: bar.update(task, completed=done, total=all_of_them),
        }
        results: Sequence[ClassEvaluation | FaceEvaluation]
        results = score_digits(system, split, options) if bundled else score_faces(system, sources, split, options)
    detected = tally.detection()
    scores = [{**asdict(result), "stegexpose": asdict(detected)} for result in results]
    try:  # Scores take long to make: neither a card that cannot be written nor a reader that has left may lose them.
        for line in scores if as_json else ():
            print(json_line(line), flush=True)
        if not as_json:
            print_scores(results, detected)
    finally:
        if record:
            metrics = {f"{split}/{covers}/{line['distortion']}": _without_calibration(line) for line in scores}
            folder = find_system(model)
            card = read_card(folder)  # again: somebody else may have written scores into it meanwhile
            if card.system_hash != system.card.system_hash:
                raise ValueError(f"{folder}: another system lies there now; its card gets no scores of the one before")
            card = replace(card, metrics={**card.metrics, **metrics})
            write_card(folder, _calibrated(card, results) if split == "val" else card)


def _without_calibration(line: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of the metrics what has its own place in the card."""
    return {name: value for name, value in line.items() if name != "calibration"}


def _calibrated(card: SystemCard, results: Sequence[ClassEvaluation | FaceEvaluation]) -> SystemCard:
    """Give a card the calibration of containers that nothing has happened to."""
    for result in results:
        if isinstance(result, FaceEvaluation) and result.distortion == NONE:
            return replace(card, calibration=result.calibration)
    return card
