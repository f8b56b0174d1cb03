"""People unseen in training, hidden in covers unseen in training: fidelity, verification, identification, paired drop.

Every secret goes into three fixed covers. Accuracy and identification are means over the three; what follows from the
order of all distances (AUC, EER, VAL and thresholds) pools them. All intervals resample people.
"""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from miais.data.covers import CoverSet
from miais.data.protocol import IdentificationFiles, identity_of
from miais.data.secrets import SecretSet
from miais.evaluation.face_protocol import FaceProtocol
from miais.evaluation.face_scores import FaceEvaluation, Recognition
from miais.evaluation.saved import (
    NONE,
    ContainerFidelity,
    Hiding,
    Progress,
    Received,
    Watch,
    fidelity_of,
    restoration,
    send_and_receive,
)
from miais.image import from_uint8
from miais.metrics.identification import IdentificationReport, identification_report
from miais.metrics.match_fit import calibrate_matches
from miais.metrics.verification import impostor_thresholds, paired_accuracy_drop, verification_report
from miais.system import StegoSystem

_CHUNK = 64


def evaluate_faces(
    system: StegoSystem,
    secrets: SecretSet,
    covers: CoverSet,
    protocol: FaceProtocol,
    *,
    distortions: Sequence[str] = (NONE,),
    folder: Path | None = None,
    watch: Watch | None = None,
    strength: float = 1.0,
    progress: Progress | None = None,
) -> list[FaceEvaluation]:
    """Hide every secret of a protocol in its covers, save, read again, and score.

    Args:
        system: The system.
        secrets: Holds all images of the protocol, at the system's size.
        covers: Holds all covers of the protocol.
        protocol: Who, where, and with whom.
        distortions: Keys of `DISTORTIONS`, or "none": the same containers are scored after each of them.
        folder: Keeps the containers; None: they are deleted at the end.
        watch: Called with each container as saved and its cover.
        strength: As in `StegoSystem.hide`.
        progress: Called after each container.

    Returns:
        The scores after each distortion, in their order.

    Raises:
        ValueError: If a distortion is unknown or an image is missing.
    """
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="miais-")))
        place.mkdir(parents=True, exist_ok=True)
        send = partial(send_and_receive, system, folder=place, distortions=distortions, watch=watch, strength=strength)
        measured = _measure(system, secrets, covers, protocol, send, progress)
    return [_scores(system, protocol, one) for one in measured]


def _scores(system: StegoSystem, protocol: FaceProtocol, measured: "_Measured") -> FaceEvaluation:
    pairs, names = protocol.pairs, list(protocol.covers)
    position = {name: index for index, name in enumerate(names)}
    first, second = (torch.tensor([position[name] for name in side]) for side in (pairs.image_a, pairs.image_b))
    people = _numbered([identity_of(name) for name in names])
    copies = len(measured.hidden)
    plain_distances = (measured.plain[first] - measured.plain[second]).norm(dim=1)
    hidden_distances = (measured.hidden[:, first] - measured.hidden[:, second]).norm(dim=2).flatten()
    once = (pairs.same, pairs.fold, people[first], people[second])
    repeated = [each.repeat(copies) for each in once]
    identify = partial(_identify, position=position, people=people, files=protocol.identification)
    return FaceEvaluation(
        system=system.card.name,
        distortion=measured.distortion,
        container=fidelity_of(measured.received),
        restored=fidelity_of(measured.restored) if measured.restored else None,
        plain=Recognition(verification_report(plain_distances, *once), identify(measured.plain[None])),
        hidden=Recognition(verification_report(hidden_distances, *repeated, copies=copies), identify(measured.hidden)),
        drop=paired_accuracy_drop(plain_distances.repeat(copies), hidden_distances, *repeated),
        thresholds=impostor_thresholds(measured.hidden, people),
        calibration=calibrate_matches(measured.hidden, people),
    )


class _Measured(NamedTuple):
    distortion: str
    plain: Tensor  # (N, D)
    hidden: Tensor  # (copies, N, D)
    received: list[ContainerFidelity]
    restored: list[ContainerFidelity]  # of restored secrets


def _measure(
    system: StegoSystem,
    secrets: SecretSet,
    covers: CoverSet,
    protocol: FaceProtocol,
    send: Callable[[Iterable[Hiding]], Iterator[Received]],
    progress: Progress | None,
) -> list[_Measured]:
    secret_number, cover_number = (
        {name: index for index, name in enumerate(files.names)} for files in (secrets, covers)
    )
    pixels = [from_uint8(secrets.pixels(secret_number[name])) for name in protocol.covers]
    plain = torch.cat([system.embed_secret(torch.stack(pixels[i : i + _CHUNK])) for i in range(0, len(pixels), _CHUNK)])
    copies = len(next(iter(protocol.covers.values())))
    jobs = [(copy, index) for copy in range(copies) for index in range(len(pixels))]
    chosen = list(protocol.covers.values())
    hidings = (
        Hiding(f"{index:05d}-{copy}", pixels[index], from_uint8(covers.pixels(cover_number[chosen[index][copy]])))
        for copy, index in jobs
    )
    # A whole tensor for all of them: small ones, kept between the large ones of each picture, would scatter the memory.
    vectors: dict[str, Tensor] = {}
    restored: dict[str, list[ContainerFidelity]] = defaultdict(list)
    received = []
    for done, one in enumerate(send(hidings), start=1):
        received.append(one.fidelity)
        for name, arrived in one.arrivals.items():
            vector = system.embed(arrived)[0]
            if name not in vectors:
                vectors[name] = vector.new_empty(len(jobs), len(vector))
            vectors[name][done - 1] = vector
            if system.restorer is not None:
                restored[name].append(restoration(system, arrived, pixels[jobs[done - 1][1]]))
        if progress is not None:
            progress(done, len(jobs))
    return [
        _Measured(name, plain, vectors[name].view(copies, len(pixels), -1), received, restored[name])
        for name in vectors
    ]


def _identify(
    embeddings: Tensor, position: Mapping[str, int], people: Tensor, files: IdentificationFiles | None
) -> IdentificationReport | None:
    """Identify in each copy; embeddings (copies, N, D)."""
    if files is None:
        return None
    gallery, probes = (torch.tensor([position[name] for name in part]) for part in (files.gallery, files.probes))
    return identification_report(embeddings[:, gallery], people[gallery], embeddings[:, probes], people[probes])


def _numbered(names: Sequence[str]) -> Tensor:
    number = {name: index for index, name in enumerate(sorted(set(names)))}
    return torch.tensor([number[name] for name in names])
