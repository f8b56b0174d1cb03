"""The size at which a picture is searched: a face that is worth hiding is large in it."""

import torch
from torch import Tensor

from miais.framing.face_finder import Box, Face
from miais.image import resize, to_uint8


class Searched:
    """A picture reduced for the search, and the way back.

    Args:
        image: Shape (3, H, W), range [0, 1].
        longest: Its longer side has so many pixels at most; a smaller picture stays as it is.

    Attributes:
        pixels: uint8, shape (3, h, w).

    Raises:
        ValueError: If the image has another shape.
    """

    def __init__(self, image: Tensor, longest: int) -> None:
        if image.ndim != 3 or image.shape[0] != 3 or 0 in image.shape or not image.is_floating_point():
            raise ValueError(
                f"expected a picture as float of shape (3, H, W), got {image.dtype} of shape {tuple(image.shape)}"
            )
        height, width = image.shape[1:]
        shrink = min(1.0, longest / max(height, width))
        small = max(1, round(height * shrink)), max(1, round(width * shrink))
        self.pixels = to_uint8(resize(image, small)).cpu()
        self._across, self._down = width / small[1], height / small[0]

    def faces(self, found: list[Face]) -> list[Face]:
        """Return faces that were found in `pixels` where they are in the picture itself, the largest first."""
        own = [Face(face.box.scaled(self._across, self._down), self._square(face.frame)) for face in found]
        return sorted(own, key=lambda face: face.box.width * face.box.height, reverse=True)

    def _square(self, frame: Box) -> Box:
        """Sides that rounding has made unequal by a pixel would stretch the face."""
        there = frame.scaled(self._across, self._down)
        side = (there.width * there.height) ** 0.5
        left, top = there.left + (there.width - side) / 2, there.top + (there.height - side) / 2
        return Box(left, top, side, side)


def pixels_last(pixels: Tensor) -> Tensor:
    """Return bytes (3, h, w) as other libraries have pictures, (h, w, 3), contiguous."""
    return pixels.permute(1, 2, 0).contiguous(memory_format=torch.contiguous_format)
