"""Training of a detector on covers and containers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from lightning.fabric import Fabric
from torch import Tensor, nn

from miais.data.sampling import UniformSampler
from miais.image import from_uint8
from miais.steganalysis.learned.batches import Amplification, PairBatch, PairBatches
from miais.steganalysis.learned.colours import Colours
from miais.steganalysis.learned.detector import Detector, DetectorCard
from miais.steganalysis.learned.kinds import KINDS, Kind
from miais.steganalysis.learned.pairs import StegoPair, hold_out
from miais.steganalysis.learned.scores import calibration, score_pairs
from miais.training.checkpoint import load_checkpoint
from miais.training.loop import LoopResult, TrainingLoop
from miais.training.objective_settings import require
from miais.training.settings import OptimizerSettings, PhaseSettings
from miais.training.supervised import SupervisedTask
from miais.training.task import Validation

PHASE = "training"
_HELD_OUT = 0.1
_MOST_HELD_OUT = 100


@dataclass(frozen=True)
class DetectorSettings:
    """All that decides what comes out of the same pairs.

    Attributes:
        kind: Of the network.
        image_size: Side of the squares that it looks at, pixels.
        colours: What it sees of them.
        optimizer: How it moves.
        pairs: In a batch.
        amplify: Factor by which containers differ more from their covers at the first step: `Amplification`.
        amplify_share: Share of the steps after which they are what they are.
        phase: Length and rhythm.
        seed: Of everything that is drawn.
        workers: Processes that make batches; decides nothing but the pace.
    """

    kind: Kind
    image_size: int
    colours: Colours
    optimizer: OptimizerSettings
    pairs: int
    amplify: float
    amplify_share: float
    phase: PhaseSettings
    seed: int
    workers: int = 1

    def __post_init__(self) -> None:
        require(self.amplify >= 1, f"expected amplify of at least 1, got {self.amplify}")
        require(0 <= self.amplify_share <= 1, f"expected amplify_share in [0, 1], got {self.amplify_share}")


def detector_settings(kind: Kind, *, image_size: int = 256, steps: int = 2000, seed: int = 0) -> DetectorSettings:
    """Return the settings of a kind, with a length of one's own."""
    phase = PhaseSettings(steps=steps, validate_every=max(1, steps // 10))
    return DetectorSettings(
        kind=kind,
        image_size=image_size,
        colours="differences",
        optimizer=KINDS[kind].optimizer,
        pairs=KINDS[kind].pairs,
        amplify=8.0,
        amplify_share=0.6,
        phase=phase,
        seed=seed,
    )


class DetectorTask(SupervisedTask[PairBatch]):
    """Cross-entropy of cover and stego."""

    name = "detector"

    def loss(self, batch: PairBatch) -> Tensor:
        """Return the loss of a batch of pairs."""
        images = from_uint8(self.fabric.to_device(batch.images)).contiguous(memory_format=torch.channels_last)
        return F.cross_entropy(self.networks(images).float(), self.fabric.to_device(batch.labels))


def train_detector(
    fabric: Fabric,
    settings: DetectorSettings,
    pairs: Sequence[StegoPair],
    folder: Path,
    *,
    trained_on: str,
    resume: bool = False,
    minutes: float | None = None,
    start: Detector | None = None,
) -> tuple[Detector | None, LoopResult]:
    """Train a detector; the one that does best on covers kept back from `pairs` is returned, calibrated on them.

    Args:
        fabric: Launched; device and precision.
        settings: All that decides what comes out.
        pairs: To train on; a tenth of their covers is kept back.
        folder: Of the run; gets `training/` with checkpoints and logs.
        trained_on: What the containers are, in words, for the card.
        resume: Go on where the folder is.
        minutes: Wall time at most; None for no limit.
        start: Take the weights of a detector of the same kind, size and colours: what is too faint to be learnt from
            nothing may be learnt from something louder.

    Returns:
        The detector, None if the training stopped before its end, and how it ended.

    Raises:
        ValueError: If there are too few covers, or `start` is of another kind, size or other colours.
    """
    train, held_out = hold_out(pairs, _HELD_OUT, settings.seed)
    if not train or not held_out:
        raise ValueError(f"expected ten covers or more to train on, got {len({pair.cover for pair in pairs})}")
    watched = held_out[:_MOST_HELD_OUT]
    torch.manual_seed(settings.seed)
    network = KINDS[settings.kind].build(settings.image_size, settings.colours)
    network = network.to(fabric.device).to(memory_format=torch.channels_last)
    card = DetectorCard(settings.kind, settings.image_size, settings.colours, trained_on)
    if start is not None:
        _take_weights(network, card, start)

    def validate(network: nn.Module) -> Validation:
        scores = score_pairs(Detector(card, network), watched).squares
        return Validation(scores.auc, {"auc": scores.auc, "accuracy": scores.accuracy})

    task = DetectorTask(fabric, network, settings.optimizer, settings.phase.steps, validate)
    sampler = UniformSampler(len(train), settings.pairs, settings.seed)
    louder = Amplification(settings.amplify, round(settings.amplify_share * settings.phase.steps))
    data = PairBatches(train, sampler, settings.image_size, louder)
    loop = TrainingLoop(
        fabric, task, data, settings.phase, folder / PHASE, seed=settings.seed, workers=settings.workers
    )
    if resume:
        loop.resume()
    result = loop.run(minutes=minutes)
    if not result.finished:
        return None, result
    network.load_state_dict(load_checkpoint(folder / PHASE / "best")[1])
    scale, offset = calibration(Detector(card, network), watched)
    return Detector(replace(card, scale=scale, offset=offset), network), result


def _take_weights(network: nn.Module, card: DetectorCard, start: Detector) -> None:
    found, wanted = ((each.kind, each.image_size, each.colours) for each in (start.card, card))
    if found != wanted:
        raise ValueError(
            f"expected a detector to start from of kind, size and colours {wanted}, got {found}; train one like it"
        )
    network.load_state_dict(start.network.state_dict())


def settings_of_run(settings: DetectorSettings, trained_on: str) -> dict[str, object]:
    """Return what a run is made with, JSON values, for its folder."""
    return {"detector": asdict(settings), "trained_on": trained_on}
