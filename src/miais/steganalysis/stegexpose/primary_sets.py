"""Primary sets: message length from pairs of horizontal neighbours, as StegExpose computes it.

Method: Dumitrescu, Wu, Memon, On Steganalysis of Random LSB Embedding in Continuous-tone Images, ICIP 2002.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from miais.steganalysis.stegexpose.pair_sets import count_pair_sets
from miais.steganalysis.stegexpose.pixels import check_channel
from miais.steganalysis.stegexpose.quadratic import quadratic_roots


def primary_sets(channel: NDArray[Any]) -> float:
    """Estimate the length of an LSB message from the primary sets. StegExpose looks at the red channel only.

    The pairs are the columns 0 and 1, 2 and 3, and so on of every row; an odd last column is left out.

    Args:
        channel: uint8, shape (H, W).

    Returns:
        Message length relative to one bit in every sample: the algebraically smaller root, so it can be negative or,
        if no pair is in Z or W, minus infinity. NaN if both roots are complex, which is the rule for long messages, or
        if there are no pairs.

    Raises:
        TypeError: If `channel` is not a uint8 array.
        ValueError: If its shape is not (H, W).

    References:
        Dumitrescu, Wu, Memon, ICIP 2002. Boehm, StegExpose, 2014. https://arxiv.org/abs/1410.6656

    Example:
        >>> primary_sets(np.array([[5, 6], [4, 5], [8, 9], [4, 4], [7, 7]], dtype=np.uint8))
        0.5
    """
    channel = check_channel(channel)
    paired = channel.shape[1] // 2 * 2
    u, v = channel[:, 0:paired:2], channel[:, 1:paired:2]
    # In the paper a pair of W differs by the last bit only. A slip in the tool lets every odd sample pass: kept.
    sets = count_pair_sets(u, v, ((u | v) & 1).view(np.bool_))
    roots = quadratic_roots(*sets.quadratic())
    if roots is None:
        return math.nan
    return roots[0] if roots[0] < roots[1] else roots[1]
