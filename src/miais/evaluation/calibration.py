"""Thresholds for `verify` and first scores, from saved containers of validation people in held-out covers."""

from dataclasses import asdict, replace
from pathlib import Path

from miais.card import SystemCard, Threshold, write_card
from miais.evaluation.classes import assigned_crops, evaluate_classes
from miais.evaluation.face_protocol import face_protocol
from miais.evaluation.faces import evaluate_faces
from miais.evaluation.saved import Progress
from miais.system import StegoSystem
from miais.training.corpus import Corpus


def calibrate(system: StegoSystem, corpus: Corpus, folder: Path, *, progress: Progress | None = None) -> SystemCard:
    """Score a system on its corpus' validation part and write thresholds and scores into its card.

    Args:
        system: As loaded from `folder`.
        corpus: What it was trained on.
        folder: Of the system.
        progress: Called after each container.

    Returns:
        The card as written. A system of known labels, such as digits, has no thresholds.
    """
    secrets, covers, protocol = corpus.validation_secrets, corpus.held_out_covers, corpus.protocol
    if corpus.validator.pairs is None or protocol is None:
        crops = assigned_crops(covers, len(secrets), corpus.validator.covers.shape[-1])
        scores = evaluate_classes(system, secrets, crops, progress=progress)
        card = replace(system.card, metrics={"validation": asdict(scores)})
    else:
        people = face_protocol(protocol, "val", secrets.names, covers.names)
        report = evaluate_faces(system, secrets, covers, people, progress=progress)
        found = report.hidden.verification.thresholds.items()
        thresholds = tuple(Threshold(far, *values) for far, values in found)
        card = replace(system.card, thresholds=thresholds, metrics={"validation": asdict(report)})
    write_card(folder, card)
    return card
