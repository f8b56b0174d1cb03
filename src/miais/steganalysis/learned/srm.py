"""The 30 high-pass filters of the spatial rich model, by the rule behind them.

Fridrich & Kodovsky, Rich Models for Steganalysis of Digital Images, IEEE TIFS 7(3), 2012. Written from the rule, which
the tests check by what it implies: sums, symmetries, and the polynomials that each order leaves nothing of.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SIZE = 5
_CENTRE = SIZE // 2
_AROUND = ((0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1))  # row, column; from the right
_FIRST, _SECOND, _THIRD = {0: -1.0, 1: 1.0}, {-1: 1.0, 0: -2.0, 1: 1.0}, {-1: 1.0, 0: -3.0, 1: 3.0, 2: -1.0}
_SQUARE_3 = ((-1, 2, -1), (2, -4, 2), (-1, 2, -1))
_SQUARE_5 = ((-1, 2, -2, 2, -1), (2, -6, 8, -6, 2), (-2, 8, -12, 8, -2), (2, -6, 8, -6, 2), (-1, 2, -2, 2, -1))


def srm_filters(*, normalized: bool = False) -> Tensor:
    """Return the filters: 8 of the first order, 4 second, 8 third, then the squares of 3 and of 5, each with 4 edges.

    Args:
        normalized: Divide each by the magnitude of its centre, 1, 2, 3, 4 or 12.

    Returns:
        Shape (30, 5, 5), float32. Each sums to 0.

    Example:
        >>> srm_filters()[12, 2].tolist()
        [0.0, 1.0, -3.0, 3.0, -1.0]
    """
    filters = [_line(_FIRST, direction) for direction in _AROUND]
    filters += [_line(_SECOND, direction) for direction in _AROUND[:4]]
    filters += [_line(_THIRD, direction) for direction in _AROUND]
    for square in (_SQUARE_3, _SQUARE_5):
        whole = np.pad(np.array(square, dtype=np.float32), (SIZE - len(square)) // 2)
        filters += [whole, *_edges(whole)]
    stacked = np.stack(filters)
    if normalized:
        stacked /= np.abs(stacked[:, _CENTRE, _CENTRE])[:, None, None]
    return torch.from_numpy(stacked)


def _line(weights: dict[int, float], direction: tuple[int, int]) -> NDArray[np.float32]:
    """Set weights along a direction from the centre."""
    kernel = np.zeros((SIZE, SIZE), dtype=np.float32)
    for distance, weight in weights.items():
        kernel[_CENTRE + distance * direction[0], _CENTRE + distance * direction[1]] = weight
    return kernel


def _edges(whole: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return the filter without what lies beyond the centre line, on each of the four sides."""
    without_bottom = whole.copy()
    without_bottom[_CENTRE + 1 :] = 0
    return [np.rot90(without_bottom, quarter) for quarter in range(4)]
