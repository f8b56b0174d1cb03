"""A detector small enough for a test: untrained, so its scores mean nothing but everything else is real."""

from pathlib import Path

import torch

from miais.steganalysis.learned.detector import Detector, DetectorCard
from miais.steganalysis.learned.kinds import KINDS


def untrained_detector(folder: Path, size: int = 64) -> Path:
    """Save one in a folder, the same weights on every call, and return the folder."""
    card = DetectorCard("yedroudj", size, "differences", "nothing", clean={"a": [0.0, 1.0], "b": [0.0, 0.0, 0.0, 1.0]})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        Detector(card, KINDS[card.kind].build(size, "differences")).save(folder)
    return folder
