"""A detector's scores of many containers and of the covers that they were made of, as they come."""

import hashlib
from collections.abc import Callable

import torch
from torch import Tensor

from miais.image import to_uint8
from miais.steganalysis.detection import Detection, detection
from miais.steganalysis.stegexpose.report import stegexpose_report

Score = Callable[[Tensor], float]
"""From a picture, bytes (3, H, W), to how suspicious it is."""


def stegexpose_score(image: Tensor) -> float:
    """Return StegExpose's fused score of a picture, bytes (3, H, W); NaN where it has no answer."""
    return stegexpose_report(image.movedim(0, -1).numpy()).fused


class DetectionTally:
    """Collects scores; a cover that serves many containers is scored once.

    Args:
        score: Of a picture.

    Attributes:
        clean: Score of each cover.
        suspect: Score of each container.

    Example:
        >>> tally = DetectionTally(stegexpose_score)
        >>> tally.add(torch.zeros(3, 32, 32), torch.zeros(3, 32, 32))
        >>> tally.detection().auc
        0.5
    """

    def __init__(self, score: Score) -> None:
        self.clean: list[float] = []
        self.suspect: list[float] = []
        self._score = score
        self._covers: dict[bytes, int] = {}
        self._cover_of: list[int] = []

    def add(self, container: Tensor, cover: Tensor) -> None:
        """Score a container and its cover, each (3, H, W), range [0, 1], multiples of 1/255."""
        bytes_of_cover = to_uint8(cover)
        number = self._covers.setdefault(hashlib.sha256(bytes_of_cover.numpy().tobytes()).digest(), len(self.clean))
        if number == len(self.clean):
            self.clean.append(self._score(bytes_of_cover))
        self.suspect.append(self._score(to_uint8(container)))
        self._cover_of.append(number)

    def detection(self) -> Detection:
        """Say how well the scores tell containers from covers.

        Raises:
            ValueError: If nothing was added.
        """
        return detection(torch.tensor(self.clean), torch.tensor(self.suspect), torch.tensor(self._cover_of))
