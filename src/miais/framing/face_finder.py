"""What finds faces in a photograph, whichever detector does it."""

from typing import NamedTuple, Protocol

from torch import Tensor


class Box(NamedTuple):
    """A rectangle in a picture, in pixels; may reach outside.

    Attributes:
        left: Of its left edge, from the picture's.
        top: Of its upper edge, from the picture's.
        width: Positive.
        height: Positive.
    """

    left: float
    top: float
    width: float
    height: float

    def scaled(self, across: float, down: float) -> "Box":
        """Return the same rectangle in the picture resized by these factors."""
        return Box(self.left * across, self.top * down, self.width * across, self.height * down)


class Face(NamedTuple):
    """A face that was found.

    Attributes:
        box: Where it is, as the detector draws it.
        frame: The square around it that the faces of the training would show: what to cut out.
    """

    box: Box
    frame: Box


class FaceFinder(Protocol):
    """Finds faces."""

    @property
    def name(self) -> str:
        """What it is; two finders of one name find the same."""

    def find(self, image: Tensor) -> list[Face]:
        """Find the faces in a picture.

        Args:
            image: Shape (3, H, W), range [0, 1], of any size.

        Returns:
            The faces by the area of their boxes, the largest first; none if there are none.
        """
