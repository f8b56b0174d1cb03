"""What methods of visual hiding have in common."""

from typing import Protocol, runtime_checkable

from torch import Tensor


class Obfuscation(Protocol):
    """A way to change pictures so that a person no longer sees what they show."""

    def __call__(self, images: Tensor) -> Tensor:
        """Hide what the pictures show.

        Args:
            images: RGB bytes (uint8), shape (3, H, W) or (N, 3, H, W).

        Returns:
            The same type and shape.

        Raises:
            TypeError: If the pictures are not bytes.
            ValueError: If their shape is another, or does not suit the method's blocks.
        """
        ...


@runtime_checkable
class ReversibleObfuscation(Obfuscation, Protocol):
    """One that can be undone by who has its key."""

    def inverse(self, images: Tensor) -> Tensor:
        """Undo the method: arguments, result and errors as of the call."""
        ...
