"""What a sender can know before sending: does the container stand out among clean pictures, and did its cover."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from miais.image import read_image, to_uint8
from miais.steganalysis.learned.detector import Detector
from miais.steganalysis.stegexpose.files import analyse_file

RARE = 0.05
"""A container that fewer clean pictures than this score as high as is worth a warning."""
# Every second percentile of the fused score of 400 photographs that hide nothing, the files of `covers-imagenet400`:
# `miais steganalyze covers-imagenet400 --csv scores.csv`.
_CLEAN_STEGEXPOSE = (
    0.002, 0.0061, 0.0078, 0.0093, 0.0102, 0.0129, 0.0146, 0.0162, 0.0183, 0.0196, 0.0209, 0.0221, 0.0236, 0.025,
    0.0265, 0.0278, 0.0296, 0.0316, 0.0327, 0.0346, 0.037, 0.0391, 0.0421, 0.0439, 0.0474, 0.0505, 0.0542, 0.0565,
    0.0603, 0.0636, 0.0682, 0.0708, 0.0738, 0.0803, 0.0829, 0.0888, 0.0935, 0.0971, 0.1032, 0.1128, 0.1226, 0.1347,
    0.1432, 0.1577, 0.1689, 0.1863, 0.2235, 0.2719, 0.3174, 0.3723, 0.6393,
)  # fmt: skip


@dataclass(frozen=True)
class Inspection:
    """What one detector says of a container and of its cover.

    Attributes:
        detector: "stegexpose", or the kind of a trained one.
        cover: Its score of the cover, in [0, 1]; None: no answer.
        container: Of the container.
        clean_share: Share of clean pictures that score as much as the container or more, in [0, 1].
    """

    detector: str
    cover: float | None
    container: float | None
    clean_share: float

    @property
    def stands_out(self) -> bool:
        """Whether few clean pictures score as high."""
        return self.clean_share < RARE

    @property
    def warning(self) -> str | None:
        """What to tell the sender; None if the container does not stand out."""
        if not self.stands_out:
            return None
        blame = "so does its cover: take another one" if self._cover_as_high else "its cover does not"
        rare = f"{100 * self.clean_share:.1f}% of clean pictures score as high"
        return f"{self.detector} scores it {self.container:.3f}, and {rare}; {blame}"

    @property
    def _cover_as_high(self) -> bool:
        return self.cover is not None and self.container is not None and self.cover >= 0.9 * self.container


def inspect(cover: Path, container: Path, detector: Detector | None = None) -> list[Inspection]:
    """Ask StegExpose, and a trained detector if there is one, about the files of a container and its cover.

    Args:
        cover: A picture.
        container: What was made of it.
        detector: With clean pictures on its card.

    Raises:
        ImageError, OSError: If a file cannot be read.
        ValueError: If the detector knows no clean pictures, or a picture is too small for it.
    """
    before, after = (_number(analyse_file(path).report.fused) for path in (cover, container))
    found = [Inspection("stegexpose", before, after, _share(_CLEAN_STEGEXPOSE, after))]
    if detector is not None:
        clean = max(detector.card.clean.values(), key=len, default=())
        if not clean:
            raise ValueError("expected a detector that knows scores of clean pictures; train it anew")
        before, after = (detector.score(to_uint8(read_image(path)), str(path)) for path in (cover, container))
        found.append(Inspection(detector.card.kind, before, after, _share(clean, after)))
    return found


def inconspicuousness(inspections: Sequence[Inspection]) -> float:
    """Return how little a container stands out, in [0, 1]: its share of clean pictures, of the strictest detector."""
    return min(inspection.clean_share for inspection in inspections)


def _share(clean: Sequence[float], score: float | None) -> float:
    """Return the share of ascending scores that are as high as a score or higher."""
    return 1.0 if score is None else 1 - bisect_left(clean, score) / len(clean)


def _number(score: float | None) -> float | None:
    return None if score is None or math.isnan(score) else score
