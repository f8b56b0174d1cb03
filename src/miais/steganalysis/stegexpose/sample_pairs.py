"""Sample pair analysis: message length from pairs of horizontal and vertical neighbours, as StegExpose computes it.

Method: Dumitrescu, Wu, Wang, Detection of LSB Steganography via Sample Pair Analysis, IEEE Transactions on Signal
Processing 51(7), 2003.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from miais.steganalysis.stegexpose.pair_sets import count_pair_sets
from miais.steganalysis.stegexpose.pixels import check_channel
from miais.steganalysis.stegexpose.quadratic import quotient, root_nearest_zero


def sample_pairs(channel: NDArray[Any]) -> float | None:
    """Estimate the length of an LSB message from sample pairs. StegExpose averages the three channels.

    The pairs are the columns 0 and 1, 2 and 3, ... of every row and the rows 0 and 1, 2 and 3, ... of every column.

    Args:
        channel: uint8, shape (H, W).

    Returns:
        Message length relative to one bit in every sample, signed and not clamped: the root nearest zero, or that of
        the straight line b p = c if both are complex or it is zero; infinite or NaN where no pair is in Z or W. None if
        a side is odd, as the tool fails there.

    Raises:
        TypeError: If `channel` is not a uint8 array.
        ValueError: If its shape is not (H, W).

    References:
        Dumitrescu, Wu, Wang, IEEE TSP 2003. https://doi.org/10.1109/TSP.2003.812753

    Example:
        >>> sample_pairs(np.array([[4, 4], [5, 4]], dtype=np.uint8))
        1.0
        >>> sample_pairs(np.zeros((4, 5), dtype=np.uint8)) is None
        True
    """
    channel = check_channel(channel)
    if channel.shape[0] % 2 or channel.shape[1] % 2:
        return None
    u = np.concatenate([channel[:, 0::2].ravel(), channel[0::2].ravel()])
    v = np.concatenate([channel[:, 1::2].ravel(), channel[1::2].ravel()])
    a, b, c = count_pair_sets(u, v, (u ^ v) == 1).quadratic()
    length = root_nearest_zero(a, b, c)
    if length is None or length == 0:
        return quotient(c, b)
    return length
