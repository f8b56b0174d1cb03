"""A peer as data: its networks, its loss, and how its authors train it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from miais.peers.interface import Critic, Passage, Peer


@dataclass(frozen=True)
class AdamSettings:
    """The authors' optimiser, which is Adam for all of them. Their plans of hundreds of epochs are left out."""

    lr: float
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    clip_norm: float = 0.0
    """Largest gradient norm, 0 for no clipping; for who does the steps, as the optimiser does not clip."""

    def __post_init__(self) -> None:
        if self.lr <= 0:
            raise ValueError(f"expected a positive lr, got {self.lr}")
        if not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"expected betas in [0, 1), got {self.betas}")
        if min(self.eps, self.weight_decay, self.clip_norm) < 0:
            raise ValueError(f"expected eps, weight_decay and clip_norm of at least 0, got {self}")

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Adam:
        """Make the optimiser of some parameters."""
        return torch.optim.Adam(parameters, self.lr, self.betas, self.eps, self.weight_decay)


@dataclass(frozen=True)
class CriticMethod:
    """The critic of a method that has one.

    Attributes:
        build: From its keyword arguments, none for the authors' sizes, to the network with fresh weights.
        optimizer: How it moves.
        turns: When: before the peer's step on every batch, or for a whole epoch, after which the peer has one.
    """

    build: Callable[..., Critic]
    optimizer: AdamSettings
    turns: Literal["batch", "epoch"]


@dataclass(frozen=True)
class PeerMethod:
    """All that a runner needs to train one peer as its authors do.

    Attributes:
        title: Its name in tables.
        build: From its keyword arguments, none for the authors' sizes, to the networks with fresh weights, drawn from
            torch's global generator.
        native_loss: From secret, cover and passage to a scalar; a critic's `hider_loss` comes on top.
        optimizer: How the peer moves.
        critic: None for most.
        side_step: Heights and widths must be multiples of it.
        loss_reduction: Over all values of a batch; whoever adds other losses to a "sum" must weigh it.
    """

    title: str
    build: Callable[..., Peer]
    native_loss: Callable[[Tensor, Tensor, Passage], Tensor]
    optimizer: AdamSettings
    critic: CriticMethod | None = None
    side_step: int = 1
    loss_reduction: Literal["mean", "sum"] = "mean"
