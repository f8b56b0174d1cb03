"""What a network may be able to do before its first step: begin as another one, or share another one's weights."""

from typing import Protocol, runtime_checkable

from torch import nn


@runtime_checkable
class BeginsAsRecognizer(Protocol):
    """A generator or classifier that takes over what it has a place for of the recogniser of plain secrets."""

    def start_as(self, recognizer: nn.Module) -> None:
        """Copy the recogniser's weights.

        Raises:
            ValueError: If they do not fit.
        """


@runtime_checkable
class SharesWeights(Protocol):
    """A restorer that has no weights of its own, but runs its generator's."""

    def share(self, generator: nn.Module) -> None:
        """Hold the generator's weights themselves, so that whatever moves or loads them does so for both.

        Raises:
            ValueError: If it is no generator that this restorer can run.
        """
