"""StegExpose over many containers and the covers that they were made of, as they come."""

import torch
from torch import Tensor

from miais.image import to_uint8
from miais.steganalysis.detection import Detection, detection
from miais.steganalysis.stegexpose.report import stegexpose_report


class StegExposeTally:
    """Collects fused scores; a cover that serves many containers is scored once.

    Example:
        >>> tally = StegExposeTally()
        >>> tally.add(torch.zeros(3, 32, 32), torch.zeros(3, 32, 32))
        >>> tally.detection().auc
        0.5
    """

    def __init__(self) -> None:
        self._covers: dict[bytes, int] = {}
        self._clean: list[float] = []
        self._suspect: list[float] = []
        self._cover_of: list[int] = []

    def add(self, container: Tensor, cover: Tensor) -> None:
        """Score a container and its cover, each (3, H, W), range [0, 1], multiples of 1/255."""
        number = self._covers.setdefault(to_uint8(cover).numpy().tobytes(), len(self._clean))
        if number == len(self._clean):
            self._clean.append(_score(cover))
        self._suspect.append(_score(container))
        self._cover_of.append(number)

    def detection(self) -> Detection:
        """Say how well the scores tell containers from covers.

        Raises:
            ValueError: If nothing was added.
        """
        return detection(torch.tensor(self._clean), torch.tensor(self._suspect), torch.tensor(self._cover_of))


def _score(image: Tensor) -> float:
    return stegexpose_report(to_uint8(image).movedim(0, -1).numpy()).fused
