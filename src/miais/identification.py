"""Stand-in until identification lands."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from miais.gallery.gallery import Gallery, Maker


@dataclass(frozen=True)
class Candidate:
    """Stand-in."""

    person: str
    distance: float
    probability: float | None


@dataclass(frozen=True)
class Identification:
    """Stand-in."""

    person: str | None
    threshold: float
    false_positive_rate: float
    candidates: tuple[Candidate, ...]


def identify(
    gallery: Gallery, calibration: Any, probes: Tensor, *, top: int = 5, false_positive_rate: float = 0.01
) -> list[Identification]:
    """Stand-in."""
    answers = []
    for matches in gallery.search(probes, top):
        found = tuple(Candidate(m.person, m.distance, 0.5) for m in matches)
        person = found[0].person if found and found[0].distance < 0.8 else None
        answers.append(Identification(person, 0.8, false_positive_rate, found))
    return answers


def maker_of(system: Any) -> Maker:
    """Stand-in."""
    return Maker(system.card.name, system.card.system_hash, system.key_fingerprint, 0)
