"""What a network may be able to do before its first step: begin as another one."""

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
