"""Who is hidden in a container, among the people of a gallery: a name with its probability, or nobody."""

from dataclasses import dataclass

import torch
from torch import Tensor

from miais.gallery.gallery import Gallery, Maker
from miais.metrics.match_calibration import MatchCalibration
from miais.system import StegoSystem


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be hidden.

    Attributes:
        person: Name.
        distance: Of the probe to the nearest of the person's containers.
        probability: That the probe shows this person; see `MatchCalibration.probability`.
    """

    person: str
    distance: float
    probability: float


@dataclass(frozen=True)
class Identification:
    """Who is hidden in one probe.

    Attributes:
        person: Name; None for nobody, where the nearest person is not below the threshold.
        threshold: For this gallery at the false-positive identification rate.
        false_positive_rate: Share of probes of strangers that may be given a name.
        candidates: The nearest people, nearest first, whether below the threshold or not.
    """

    person: str | None
    threshold: float
    false_positive_rate: float
    candidates: tuple[Candidate, ...]


def identify(
    gallery: Gallery,
    calibration: MatchCalibration,
    probes: Tensor,
    *,
    top: int = 5,
    false_positive_rate: float = 0.01,
) -> list[Identification]:
    """Identify probes among the people of a gallery.

    Args:
        gallery: Of the system that made the probes.
        calibration: Of that system: `SystemCard.calibration`.
        probes: Unit vectors, shape (N, D).
        top: How many candidates, at most.
        false_positive_rate: Of a whole search, in (0, 1): the threshold falls as the gallery grows.

    Returns:
        One answer for each probe.

    Raises:
        ValueError: If the probes do not fit the gallery, or the rate lies outside.
    """
    threshold = calibration.threshold_for(gallery.containers, false_positive_rate)
    people = max(1, len(gallery))
    answers = []
    for matches in gallery.search(probes, top):
        candidates = tuple(
            Candidate(match.person, match.distance, calibration.probability(match.distance, people=people))
            for match in matches
        )
        found = candidates[0].person if candidates and candidates[0].distance < threshold else None
        answers.append(Identification(found, threshold, false_positive_rate, candidates))
    return answers


def maker_of(system: StegoSystem) -> Maker:
    """Say what makes a system's embeddings, as it is now: with its key."""
    side = system.card.image_size
    dimension = system.embed(torch.full((3, side, side), 0.5)).shape[1]
    return Maker(system.card.name, system.card.system_hash, system.key_fingerprint, dimension)


def calibration_of(system: StegoSystem) -> MatchCalibration:
    """Return a system's calibration.

    Raises:
        ValueError: If its card has none.
    """
    if system.card.calibration is None:
        raise ValueError(
            f"system {system.card.name!r} has no calibration, so its distances say nothing yet; measure it: "
            "miais evaluate MODEL --split val --record"
        )
    return system.card.calibration
