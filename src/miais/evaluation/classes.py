"""Classification of known labels, digits above all: unseen pictures in unseen covers, from saved files."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from miais.data.covers import CoverSet
from miais.data.protocol import assigned_covers
from miais.data.secrets import SecretSet
from miais.evaluation.saved import ContainerFidelity, Fidelity, Hiding, Progress, fidelity_of, send_and_receive
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
        accuracy: Top-1 of both steg-classifiers together on containers, a fraction.
        drop: Paired drop, plain minus hidden, in points, with its 95% interval over secrets.
    """

    system: str
    distortion: str
    container: Fidelity
    plain_accuracy: float
    accuracy: float
    drop: PairedDrop


def evaluate_classes(
    system: StegoSystem,
    secrets: SecretSet,
    covers: Sequence[Sequence[Tensor]],
    *,
    distortion: str | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> ClassEvaluation:
    """Hide every secret in its covers, save, read again, and classify.

    Args:
        system: The system.
        secrets: Labels are those of the system's head; pictures unseen in training.
        covers: For each secret the same number of covers, uint8, each (3, H, W).
        distortion: A key of `DISTORTIONS`.
        folder: Keeps the containers; None: they are deleted at the end.
        progress: Called after each container.
    """
    pixels = [from_uint8(secrets.pixels(index)) for index in range(len(secrets))]
    plain = torch.cat([system.classify_secret(picture) for picture in pixels]) == secrets.labels
    jobs = [(index, copy) for index, several in enumerate(covers) for copy in range(len(several))]
    hidings = (Hiding(f"{i:05d}-{copy}", pixels[i], from_uint8(covers[i][copy])) for i, copy in jobs)
    labels: list[Tensor] = []
    measured: list[ContainerFidelity] = []
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="miais-")))
        place.mkdir(parents=True, exist_ok=True)
        for one in send_and_receive(system, hidings, place, distortion=distortion):
            labels.append(system.classify(one.container))
            measured.append(one.fidelity)
            if progress is not None:
                progress(len(measured), len(jobs))
    secret_of = torch.tensor([index for index, _ in jobs])
    hidden = torch.cat(labels) == secrets.labels[secret_of]
    lost = 100 * (plain[secret_of].double() - hidden.double())
    low, high = bootstrap_interval(lambda weights: weighted_mean(lost, weights), secret_of)
    return ClassEvaluation(
        system=system.card.name,
        distortion=distortion or "none",
        container=fidelity_of(measured),
        plain_accuracy=float(plain.double().mean()),
        accuracy=float(hidden.double().mean()),
        drop=PairedDrop(float(lost.mean()), low, high),
    )


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
