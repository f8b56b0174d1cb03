"""One hostile file and the samples that many of them share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RGB = np.random.default_rng(1).integers(0, 256, (5, 4, 3))
GREY = np.random.default_rng(2).integers(0, 256, (5, 4, 1))
RGB16 = np.random.default_rng(3).integers(0, 65536, (5, 4, 3))
GREY16 = np.random.default_rng(4).integers(0, 65536, (5, 4, 1))
ALPHA = np.linspace(0, 255, 20).round().astype(int).reshape(5, 4, 1)
COMPOSITED = "composited on white"


@dataclass(frozen=True)
class HostileFile:
    """A file and what reading it gives.

    Attributes:
        name: File name.
        data: Content.
        error: Pattern of the one error, or None.
        pixels: Expected picture (H, W, 3) or (H, W, 1) in [0, 1], or None.
        tolerance: Largest difference allowed, for lossy formats.
        warning: Pattern of the one warning, or None.
    """

    name: str
    data: bytes
    error: str | None = None
    pixels: NDArray[np.floating] | None = None
    tolerance: float = 2e-7
    warning: str | None = None


def on_white(colour: NDArray[np.floating], alpha: NDArray[np.floating]) -> NDArray[np.floating]:
    """Colour and opacity in [0, 1] as a viewer with a white page shows them."""
    return colour * alpha + 1 - alpha


def quadrants() -> NDArray[np.uint8]:
    """32x48 pixels, each quarter of another plain colour: no symmetry, and lossy formats keep it."""
    corners = np.array([[[220, 30, 40], [30, 190, 60]], [[40, 50, 210], [230, 220, 60]]], dtype=np.uint8)
    return corners.repeat(16, axis=0).repeat(24, axis=1)


def stored_for(upright: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Lay a picture out as its EXIF orientation defines it: where row 0 and column 0 lie (top, bottom, left, right)."""
    rows, columns = "TTBBLRRL", "LRRLTTBB"
    row_side, column_side = rows[orientation - 1], columns[orientation - 1]
    height, width = upright.shape[:2]
    swapped = row_side in "LR"
    stored = np.empty((width, height, 3) if swapped else (height, width, 3), dtype=np.uint8)
    for row in range(stored.shape[0]):
        for column in range(stored.shape[1]):
            down, across = (column, row) if swapped else (row, column)
            visual_row = height - 1 - down if "B" in (row_side, column_side) else down
            visual_column = width - 1 - across if "R" in (row_side, column_side) else across
            stored[row, column] = upright[visual_row, visual_column]
    return stored
