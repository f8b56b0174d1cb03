"""A trained detector: from pictures to how likely they hide something, with what it says of clean ones."""

import json
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from miais.card import sha256_of, without_nan
from miais.image import from_uint8
from miais.steganalysis.learned.batches import check_size, windows
from miais.steganalysis.learned.colours import Colours
from miais.steganalysis.learned.kinds import KINDS, Kind
from miais.system_folder import put_in_place

CARD, WEIGHTS = "detector.json", "detector.safetensors"
THRESHOLD = 0.5
_BATCH = 16


@dataclass(frozen=True)
class DetectorCard:
    """What a detector is and how good.

    Attributes:
        kind: Its network.
        image_size: Side of the squares that it looks at, pixels.
        colours: What it sees of them.
        trained_on: What its containers were, in words.
        scores: On pairs that training has not seen: by `squares` and `pictures`, fields of `DetectionScores`.
        clean: By source, its scores on clean pictures of it, ascending.
        scale: What its network's log odds are multiplied by, after training, so that scores are probabilities.
        offset: And what is added.
        training: How it was made, JSON values.
        weights: SHA-256 of its file.
    """

    kind: Kind
    image_size: int
    colours: Colours
    trained_on: str
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    clean: Mapping[str, Sequence[float]] = field(default_factory=dict)
    scale: float = 1.0
    offset: float = 0.0
    training: Mapping[str, Any] = field(default_factory=dict)
    weights: str = ""


class Detector:
    """A network and its card.

    Args:
        card: What it is.
        network: Of the card's kind.
    """

    def __init__(self, card: DetectorCard, network: nn.Module) -> None:
        self.card, self.network = card, network.eval()

    @torch.inference_mode()
    def score(self, image: Tensor, name: str = "picture") -> float:
        """Return how likely a picture hides something.

        Args:
            image: Bytes, shape (3, H, W), no side below the card's size; its squares' logits are averaged.
            name: Of the picture, in messages.

        Returns:
            In [0, 1]; above 0.5 it counts as stego.

        Raises:
            ValueError: If the picture is too small.
        """
        check_size(image, self.card.image_size, name)
        return float(self.logits(windows(image, self.card.image_size)).mean().sigmoid())

    @torch.inference_mode()
    def logits(self, squares: Tensor) -> Tensor:
        """Return the log odds of each square: bytes (N, 3, S, S) to shape (N,), float32, on the CPU."""
        device = next(self.network.parameters()).device
        parts = [self.network.eval()(from_uint8(part.to(device))).float().cpu() for part in squares.split(_BATCH)]
        logits = torch.cat(parts)
        return self.card.scale * (logits[:, 1] - logits[:, 0]) + self.card.offset

    def false_alarms(self, score: float) -> dict[str, float]:
        """Return, by source, the share of clean pictures that score as much or more.

        What is frequent there says little, however near to 1 it is: pictures of a source that training has not seen
        may look like stego to it.
        """
        return {
            source: sum(clean >= score for clean in scores) / len(scores)
            for source, scores in self.card.clean.items()
            if scores
        }

    def save(self, folder: Path) -> None:
        """Write card and weights; an older detector there is replaced once the new one is complete."""
        building = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.tmp")
        building.mkdir(parents=True)
        try:
            tensors = {name: tensor.cpu().contiguous().clone() for name, tensor in self.network.state_dict().items()}
            (building / WEIGHTS).write_bytes(save(tensors))
            self.card = replace(self.card, weights=sha256_of(building / WEIGHTS))
            text = json.dumps(without_nan(asdict(self.card)), indent=2, allow_nan=False) + "\n"
            (building / CARD).write_text(text, encoding="utf-8")
            put_in_place(building, folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)


def load_detector(folder: str | Path) -> Detector:
    """Load what `Detector.save` has written.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If card or weights are not those of a detector.
    """
    folder = Path(folder)
    if not (folder / CARD).is_file():
        raise FileNotFoundError(
            f"{folder}: expected a detector's folder with {CARD}; make one: miais train steganalyser"
        )
    card = _read_card(folder / CARD)
    weights = folder / WEIGHTS
    if not weights.is_file() or sha256_of(weights) != card.weights:
        raise ValueError(f"{weights}: missing, or not the file that the card describes; get the detector again")
    network = KINDS[card.kind].build(card.image_size, card.colours)
    try:
        network.load_state_dict(load_file(weights), strict=True)
    except (RuntimeError, SafetensorError) as error:
        raise ValueError(f"{weights}: cannot be loaded into the card's network: {error}") from error
    return Detector(card, network)


def _read_card(path: Path) -> DetectorCard:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        card = DetectorCard(**content)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: expected a detector's card, cannot read it ({error})") from error
    numbers = isinstance(card.image_size, int) and all(isinstance(n, int | float) for n in (card.scale, card.offset))
    if card.kind not in get_args(Kind) or card.colours not in get_args(Colours) or not numbers:
        raise ValueError(
            f"{path}: expected a kind out of {', '.join(get_args(Kind))}, colours out of "
            f"{', '.join(get_args(Colours))}, and numbers for size, scale and offset"
        )
    return card
