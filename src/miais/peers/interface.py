"""What a runner may ask of every peer and of every critic."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn


class Passage(NamedTuple):
    """What comes out of one pass through both networks of a peer, for its losses.

    Both are on the scale of [0, 1] but may leave it: where a clamp acts, no gradient would say so.

    Attributes:
        container: What hides the secret, shape (N, 3, H, W).
        restored: What is read from that container, shape (N, 3, H, W).
    """

    container: Tensor
    restored: Tensor


class Peer(Protocol):
    """A method that hides an image in an image of the same size; in fact an `nn.Module`.

    `hide` and `reveal` are for use: call `eval()` first, and `reveal` gets what `hide` gave, or what a file has made of
    it. Calling the peer itself is for training: both steps at once, with whatever the method puts between them.
    """

    def __call__(self, secret: Tensor, cover: Tensor, *, random: torch.Generator | None = None) -> Passage:
        """Hide and restore, for a loss.

        Args:
            secret: Shape (N, 3, H, W), range [0, 1].
            cover: The same shape and range.
            random: Source of what the method draws, if it draws; None: torch's own.
        """

    def hide(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Return the containers, shape (N, 3, H, W), clamped to [0, 1]; each depends on its own pair alone."""

    def reveal(self, container: Tensor) -> Tensor:
        """Return the restored secrets, shape (N, 3, H, W), clamped to [0, 1]; the same container, the same answer."""

    def parameters(self, recurse: bool = True) -> Iterator[nn.Parameter]:
        """Return what the method's optimiser moves."""

    def train(self, mode: bool = True) -> nn.Module:
        """Switch to training."""

    def eval(self) -> nn.Module:
        """Switch to use."""


class Critic(Protocol):
    """A network that tells covers from containers, trained against a peer; in fact an `nn.Module`."""

    def critic_loss(self, cover: Tensor, container: Tensor) -> Tensor:
        """Return what the critic minimises, a scalar; no gradient reaches the container.

        Args:
            cover: Shape (N, 3, H, W), range [0, 1].
            container: The same shape, as in a `Passage`.
        """

    def hider_loss(self, container: Tensor) -> Tensor:
        """Return what the peer adds to its native loss, weighted, a scalar; no gradient reaches the critic's weights.

        Args:
            container: As in a `Passage`, shape (N, 3, H, W).
        """

    def after_step(self) -> None:
        """Do what the method does to the critic's weights after each of its optimiser steps."""

    def parameters(self, recurse: bool = True) -> Iterator[nn.Parameter]:
        """Return what the critic's optimiser moves."""

    def train(self, mode: bool = True) -> nn.Module:
        """Switch to training, in which critics stay throughout."""

    def state_dict(self) -> dict[str, Any]:
        """Return weights and statistics."""

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> object:
        """Take back what `state_dict` gave."""
