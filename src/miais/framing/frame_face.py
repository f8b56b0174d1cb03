"""A photograph cut to its largest face, framed as the faces that the systems were trained on."""

from dataclasses import dataclass

import torch
from torch import Tensor

from miais.framing.face_finder import Box, FaceFinder


class NoFaceError(ValueError):
    """No face was found where one is needed; the text says what to do."""


@dataclass(frozen=True)
class Framed:
    """A face as the systems want it.

    Attributes:
        image: A square of the photograph at its own resolution, shape (3, S, S), range [0, 1].
        box: Of the face in the photograph, as the detector draws it.
        others: How many further faces were found, all of them smaller.
    """

    image: Tensor
    box: Box
    others: int


def frame_face(image: Tensor, finder: FaceFinder) -> Framed:
    """Cut a photograph to its largest face.

    A frame that reaches outside the photograph is filled with the nearest pixels of its edge.

    Args:
        image: Shape (3, H, W), range [0, 1], of any size.
        finder: What finds the faces.

    Raises:
        NoFaceError: If there is none.
        ValueError: If the image has another shape.
    """
    faces = finder.find(image)
    if not faces:
        height, width = image.shape[-2:]
        raise NoFaceError(
            f"no face found in these {width}x{height} pixels; take a picture that shows it from the front, upright and "
            "larger, or cut the face out yourself and hide that without looking for one"
        )
    largest = faces[0]
    return Framed(_cut(image, largest.frame), largest.box, len(faces) - 1)


def _cut(image: Tensor, frame: Box) -> Tensor:
    """Cut out a square, to whole pixels; rows and columns outside are those of the edge."""
    side = max(1, round(frame.width))
    rows, columns = (
        (torch.arange(side) + round(start)).clamp(0, length - 1).to(image.device)
        for start, length in zip((frame.top, frame.left), image.shape[-2:], strict=True)
    )
    return image[:, rows[:, None], columns]
