"""Faces by the cascade of local binary patterns that scikit-image bundles: no download, upright and frontal faces only.

The cascade looks at windows of all places and sizes, and says "face" to many around a real one, to few elsewhere. So
windows that agree are votes for one face.

References:
    Liao et al., Learning Multi-scale Block Local Binary Patterns for Face Recognition, ICB 2007.
"""

import importlib.util
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from miais.framing.face_finder import Box, Face
from miais.framing.search_size import Searched, pixels_last

_LONGEST = 400
"""A second or two of search; a face must then fill a sixteenth of the photograph's longer side."""
_WINDOW = 24
"""Side of the smallest window, of the cascade's own making."""
_GROWTH = 1.05
"""From one size of window to the next."""
_AGREEING = 0.2
"""Two windows vote for one face if their edges differ by at most this share of the smaller one's side."""
_VOTES = 10
"""Of the training faces below 5.3% have fewer; of 100 photographs for covers 5% have a spot with so many."""
_OF_BEST = 0.6
"""What has less than this share of the votes of the best find beside it is a pattern rather than a face: the badges of
scikit-image's astronaut have up to 0.55 of her face's."""
_MOST = 10_000
"""More windows are a pattern of faces, made to keep the search busy: a photograph of 50 faces has a third of that."""
_BLOCK = 128
"""Windows that are compared with all others at once: what that takes stays below 200 MB."""

# Medians over every 15th picture of the training people, 607: the frame's side, and how far its centre lies right of
# and below that of the box, in units of the box's side. `benchmarks/framing.py --fit` prints them.
_SIDE = 1.41
_RIGHT, _DOWN = 0.02, 0.02


class CascadeFinder:
    """Finds faces with scikit-image.

    Attributes:
        name: As of every `FaceFinder`.

    Raises:
        ModuleNotFoundError: If scikit-image is not installed.
    """

    name = "cascade of scikit-image"

    def __init__(self) -> None:
        if importlib.util.find_spec("skimage") is None:
            raise ModuleNotFoundError("faces are found with scikit-image; run: pip install 'miais[faces]'")
        from skimage.data import lbp_frontal_face_cascade_filename  # an extra
        from skimage.feature import Cascade

        self._cascade: Any = Cascade(lbp_frontal_face_cascade_filename())

    def find(self, image: Tensor) -> list[Face]:
        """Find faces, see `FaceFinder`."""
        searched = Searched(image, _LONGEST)
        if min(searched.pixels.shape[1:]) < _WINDOW:
            return []
        pixels: NDArray[np.uint8] = pixels_last(searched.pixels).numpy()
        return searched.faces([Face(box, _frame(box)) for box in _elected(self._windows(pixels))])

    def _windows(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return every window that looks like a face: left, top, width and height, shape (n, 4)."""
        largest = min(pixels.shape[:2])
        found = self._cascade.detect_multi_scale(
            pixels,
            scale_factor=_GROWTH,
            step_ratio=1.0,
            min_size=(_WINDOW, _WINDOW),
            max_size=(largest, largest),
            min_neighbor_number=1,
            intersection_score_threshold=1.0,  # no score is higher, so windows are not merged yet
        )
        rows = [(window["c"], window["r"], window["width"], window["height"]) for window in found]
        return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _elected(windows: NDArray[np.float64]) -> list[Box]:
    """Merge windows that agree, and keep what has enough votes."""
    from scipy.sparse.csgraph import connected_components  # scikit-image needs scipy, so it is there

    if not 0 < len(windows) <= _MOST:
        return []
    _, group = connected_components(_agreeing(windows), directed=False)
    votes = np.bincount(group)
    needed = max(_VOTES, _OF_BEST * votes.max())
    return [Box(*windows[group == index].mean(axis=0).tolist()) for index in np.flatnonzero(votes >= needed)]


def _agreeing(windows: NDArray[np.float64]) -> Any:
    """Return which windows vote for one face, a sparse matrix: few agree, of however many there are."""
    from scipy.sparse import csr_array, vstack

    edges = np.concatenate([windows[:, :2], windows[:, :2] + windows[:, 2:]], axis=1)
    sides = windows[:, 2]
    rows = []
    for start in range(0, len(windows), _BLOCK):
        block = slice(start, start + _BLOCK)
        slack = _AGREEING * np.minimum(sides[block, None], sides)
        rows.append(csr_array((np.abs(edges[block, None] - edges) <= slack[:, :, None]).all(axis=2)))
    return vstack(rows)


def _frame(box: Box) -> Box:
    side = _SIDE * box.width
    across = box.left + box.width / 2 + _RIGHT * box.width
    down = box.top + box.height / 2 + _DOWN * box.width
    return Box(across - side / 2, down - side / 2, side, side)
