"""The detectors by name, and how each is trained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from torch import nn

from miais.steganalysis.learned.colours import Colours
from miais.steganalysis.learned.srnet import SRNet
from miais.steganalysis.learned.yedroudj import PYTORCH, YedroudjNet
from miais.steganalysis.learned.yenet import YeNet
from miais.training.settings import OptimizerSettings

Kind = Literal["yenet", "yenet-batchnorm", "yedroudj", "yedroudj-pytorch", "srnet"]


@dataclass(frozen=True)
class DetectorKind:
    """One kind of detector.

    Attributes:
        build: From side in pixels and what it sees to the network.
        optimizer: How it learns within thousands of steps. The papers' plans of hundreds of epochs have no shorter
            form, so the learning rate falls along half a cosine; and Ye-Net's Adadelta at 0.4, which had hardly left
            its start after 1,200 steps on last bits, is replaced.
        pairs: In a batch.
    """

    build: Callable[[int, Colours], nn.Module]
    optimizer: OptimizerSettings
    pairs: int


KINDS: Mapping[Kind, DetectorKind] = {
    "yenet": DetectorKind(
        lambda size, colours: YeNet(image_size=size, colours=colours),
        OptimizerSettings(
            "adamw", lr=5e-4, momentum=0.9, weight_decay=5e-4, schedule="cosine", warmup=0.1, clip_norm=1.0
        ),
        pairs=16,
    ),
    "yenet-batchnorm": DetectorKind(
        lambda size, colours: YeNet(image_size=size, colours=colours, batch_norm=True),
        OptimizerSettings("adamax", lr=4e-3, momentum=0.9, weight_decay=5e-4, schedule="cosine", warmup=0.05),
        pairs=8,
    ),
    "yedroudj": DetectorKind(
        lambda size, colours: YedroudjNet(colours=colours),
        OptimizerSettings("sgd", lr=0.01, momentum=0.95, weight_decay=1e-4, schedule="cosine"),
        pairs=8,
    ),
    "yedroudj-pytorch": DetectorKind(
        lambda size, colours: YedroudjNet(colours=colours, form=PYTORCH),
        OptimizerSettings("sgd", lr=0.02, momentum=0.9, weight_decay=5e-4, schedule="cosine", warmup=0.05),
        pairs=8,
    ),
    "srnet": DetectorKind(
        lambda size, colours: SRNet(colours=colours),
        OptimizerSettings("adamax", lr=1e-3, momentum=0.9, weight_decay=2e-4, schedule="cosine", warmup=0.05),
        pairs=8,
    ),
}
