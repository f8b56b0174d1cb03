"""Classification of known labels, digits above all: unseen pictures in unseen covers, from saved files."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from miais.data.covers import CoverSet
from miais.data.protocol import assigned_covers
from miais.data.secrets import SecretSet
from miais.evaluation.saved import (
    NONE,
    ContainerFidelity,
    Fidelity,
    Hiding,
    Progress,
    Watch,
    fidelity_of,
    restoration,
    send_and_receive,
)
from miais.image import from_uint8
from miais.metrics.bootstrap import bootstrap_interval, weighted_mean
from miais.metrics.verification import PairedDrop
from miais.system import StegoSystem


@dataclass(frozen=True)
class ClassEvaluation:
    """A system's scores, all from saved 8-bit files.

    Attributes:
        system: Name.
        distortion: What happened to the files before they were recognised; "none" for nothing.
        container: Fidelity of the containers, before the distortion.
        plain_accuracy: Top-1 of the secret classifier on plain secrets, a fraction.
        restored: Of the restored secrets, in 8 bits and at the system's size; None for a single-task system.
        accuracy: Top-1 of both steg-classifiers together on containers, a fraction.
        accuracy_low: Lower end of its 95% interval over secrets.
        accuracy_high: Upper end.
        drop: Paired drop, plain minus hidden, in points, with its 95% interval over secrets.
    """

    system: str
    distortion: str
    container: Fidelity
    restored: Fidelity | None
    plain_accuracy: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    drop: PairedDrop


def evaluate_classes(
    system: StegoSystem,
    secrets: SecretSet,
    covers: Sequence[Sequence[Tensor]],
    *,
    distortions: Sequence[str] = (NONE,),
    folder: Path | None = None,
    watch: Watch | None = None,
    strength: float = 1.0,
    progress: Progress | None = None,
) -> list[ClassEvaluation]:
    """Hide every secret in its covers, save, read again, and classify.

    Args:
        system: The system.
        secrets: Labels are those of the system's head; pictures unseen in training.
        covers: For each secret the same number of covers, uint8, each (3, H, W).
        distortions: Keys of `DISTORTIONS`, or "none": the same containers are scored after each of them.
        folder: Keeps the containers; None: they are deleted at the end.
        watch: Called with each container as saved and its cover.
        strength: As in `StegoSystem.hide`.
        progress: Called after each container.

    Returns:
        The scores after each distortion, in their order.

    Raises:
        ValueError: If a distortion is unknown.
    """
    pixels = [from_uint8(secrets.pixels(index)) for index in range(len(secrets))]
    plain = torch.cat([system.classify_secret(picture) for picture in pixels]) == secrets.labels
    jobs = [(index, copy) for index, several in enumerate(covers) for copy in range(len(several))]
    hidings = (Hiding(f"{i:05d}-{copy}", pixels[i], from_uint8(covers[i][copy])) for i, copy in jobs)
    labels: dict[str, list[int]] = {name: [] for name in distortions}
    restored: dict[str, list[ContainerFidelity]] = {name: [] for name in distortions}
    measured: list[ContainerFidelity] = []
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="miais-")))
        place.mkdir(parents=True, exist_ok=True)
        for one in send_and_receive(system, hidings, place, distortions=distortions, watch=watch, strength=strength):
            for name, arrived in one.arrivals.items():
                labels[name].append(int(system.classify(arrived)))
                if system.restorer is not None:
                    restored[name].append(restoration(system, arrived, pixels[jobs[len(measured)][0]]))
            measured.append(one.fidelity)
            if progress is not None:
                progress(len(measured), len(jobs))
    secret_of = torch.tensor([index for index, _ in jobs])
    evaluations = []
    for name in distortions:
        hidden = torch.tensor(labels[name]) == secrets.labels[secret_of]
        low, high = bootstrap_interval(partial(weighted_mean, hidden.double()), secret_of)
        evaluations.append(
            ClassEvaluation(
                system=system.card.name,
                distortion=name,
                container=fidelity_of(measured),
                restored=fidelity_of(restored[name]) if restored[name] else None,
                plain_accuracy=float(plain.double().mean()),
                accuracy=float(hidden.double().mean()),
                accuracy_low=low,
                accuracy_high=high,
                drop=_paired_drop(plain[secret_of], hidden, secret_of),
            )
        )
    return evaluations


def _paired_drop(plain: Tensor, hidden: Tensor, secret_of: Tensor) -> PairedDrop:
    lost = 100 * (plain.double() - hidden.double())
    low, high = bootstrap_interval(lambda weights: weighted_mean(lost, weights), secret_of)
    return PairedDrop(float(lost.mean()), low, high)


def assigned_crops(covers: CoverSet, secrets: int, size: int) -> list[list[Tensor]]:
    """Cut three covers for each secret, always the same ones.

    Args:
        covers: Pictures to cut squares out of.
        secrets: Number of secrets.
        size: Side of the squares, pixels.

    Returns:
        For each secret three covers, uint8, each (3, size, size).
    """
    assigned = assigned_covers([f"{index:06d}" for index in range(secrets)], covers.names)
    number = {name: index for index, name in enumerate(covers.names)}
    return [
        [
            covers.random_crop(number[name], size, np.random.default_rng([secret, copy]))
            for copy, name in enumerate(names)
        ]
        for secret, names in enumerate(assigned.values())
    ]
