"""Thresholds for `verify`, the calibration for `identify`, and first scores.

All from saved containers of validation people in held-out covers.
"""

from dataclasses import asdict, replace
from pathlib import Path

from miais.card import SystemCard, Threshold, write_card
from miais.data.covers import CoverSet
from miais.data.protocol import Protocol
from miais.data.secrets import SecretSet
from miais.evaluation.classes import assigned_crops, evaluate_classes
from miais.evaluation.face_protocol import face_protocol
from miais.evaluation.faces import evaluate_faces
from miais.evaluation.saved import Progress
from miais.system import StegoSystem


def calibrate_people(
    system: StegoSystem,
    folder: Path,
    secrets: SecretSet,
    covers: CoverSet,
    protocol: Protocol,
    *,
    progress: Progress | None = None,
) -> SystemCard:
    """Score a system on validation people and write thresholds, calibration and scores into its card.

    Args:
        system: As loaded from `folder`.
        folder: Of the system.
        secrets: Of the validation people.
        covers: That training has held out.
        protocol: With the validation pairs.
        progress: Called after each container.

    Returns:
        The card as written.
    """
    people = face_protocol(protocol, "val", secrets.names, covers.names)
    (report,) = evaluate_faces(system, secrets, covers, people, progress=progress)
    thresholds = tuple(Threshold(far, *values) for far, values in report.thresholds.items())
    scores = asdict(report)
    del scores["calibration"]  # a field of its own
    card = replace(system.card, thresholds=thresholds, calibration=report.calibration, metrics={"validation": scores})
    write_card(folder, card)
    return card


def score_classes(
    system: StegoSystem,
    folder: Path,
    secrets: SecretSet,
    covers: CoverSet,
    cover_size: int,
    *,
    progress: Progress | None = None,
) -> SystemCard:
    """Score a system of known labels, such as digits, and write the scores into its card; it has no thresholds.

    Args:
        system: As loaded from `folder`.
        folder: Of the system.
        secrets: Unseen pictures of the labels.
        covers: That training has held out.
        cover_size: Side of the squares cut out of them, pixels.
        progress: Called after each container.

    Returns:
        The card as written.
    """
    crops = assigned_crops(covers, len(secrets), cover_size)
    (scores,) = evaluate_classes(system, secrets, crops, progress=progress)
    card = replace(system.card, metrics={"validation": asdict(scores)})
    write_card(folder, card)
    return card
