"""Counting regular and singular 2x2 groups.

A group holds g0 g1 above g2 g3; its variation is |g0 - g1| + |g2 - g3| + |g0 - g2| + |g1 - g3|. One mask flips g0 and
g3, the other g1 and g2, so each of the four differences has exactly one flipped end and changes by exactly +1 or -1.
The group is regular if its variation grows, which is if at least three of the differences grow, and singular if at
most one grows. Whether a difference grows depends on its two samples alone and comes from a table, for the positive
and the negative flip, the picture and the picture with all last bits flipped, and either end: eight answers, one byte.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from miais.steganalysis.stegexpose.pixels import check_channel

_BAND_SAMPLES = 1 << 16  # What is counted at a time: its temporary arrays stay in the processor's cache.
_FIRST_ENDS = 0b01010101


@dataclass(frozen=True)
class RsCounts:
    """Regular and singular groups of one channel, both masks together.

    Attributes:
        regular: Groups whose variation grows with the positive flip, 0<->1, 2<->3, ..., 254<->255.
        singular: Those whose variation falls.
        regular_negative: The same for the negative flip, -1<->0, 1<->2, ..., 255<->256.
        singular_negative: The same.
        flipped_regular: The same four after the last bits of all samples were flipped.
        flipped_singular: The same.
        flipped_regular_negative: The same.
        flipped_singular_negative: The same.
    """

    regular: int
    singular: int
    regular_negative: int
    singular_negative: int
    flipped_regular: int
    flipped_singular: int
    flipped_regular_negative: int
    flipped_singular_negative: int


def count_rs_groups(channel: NDArray[Any]) -> tuple[RsCounts, RsCounts] | None:
    """Count the regular and singular groups of a channel.

    Args:
        channel: uint8, shape (H, W).

    Returns:
        Counts over all groups, which overlap, and over those that begin at an even row and column, which do not; None
        if a side is below 2.

    Raises:
        TypeError: If `channel` is not a uint8 array.
        ValueError: If its shape is not (H, W).

    Example:
        >>> overlapping, separate = count_rs_groups(np.array([[4, 5, 5], [5, 4, 5]], dtype=np.uint8))
        >>> overlapping.regular, overlapping.singular, overlapping.regular_negative
        (0, 2, 4)
        >>> separate.regular, separate.singular, separate.regular_negative
        (0, 2, 2)
    """
    channel = check_channel(channel)
    height, width = channel.shape
    if height < 2 or width < 2:
        return None
    rows = max(2, _BAND_SAMPLES // width // 2 * 2)  # Even, so that a band's even rows are those of the channel.
    totals = np.zeros((2, 8), dtype=np.int64)
    for top in range(0, height - 1, rows):
        totals += _count_band(channel[top : top + rows + 1])
    overlapping, separate = (RsCounts(*row) for row in totals.tolist())
    return overlapping, separate


def _count_band(channel: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the fields of `RsCounts` for overlapping and separate groups, shape (2, 8)."""
    upper_byte = channel.astype(np.intp) << 8
    horizontal = _growth_table().take(upper_byte[:, :-1] | channel[:, 1:])
    vertical = _growth_table().take(upper_byte[:-1] | channel[1:])
    top, left = horizontal[:-1], vertical[:, :-1]
    # Of these two the mask of g0 and g3 holds the second end.
    bottom, right = _ends_swapped(horizontal[1:]), _ends_swapped(vertical[:, 1:])

    # Those two meet in g0, these in g3.
    both_at_g0, any_at_g0 = top & left, top | left
    both_at_g3, any_at_g3 = bottom & right, bottom | right
    regular = (both_at_g0 & any_at_g3) | (any_at_g0 & both_at_g3)
    singular = ~(both_at_g0 | both_at_g3 | (any_at_g0 & any_at_g3))
    separate = slice(None, None, 2)
    return np.array(
        [
            _lane_counts(regular, singular),
            _lane_counts(regular[separate, separate].copy(), singular[separate, separate].copy()),
        ]
    )


def _lane_counts(regular: NDArray[Any], singular: NDArray[Any]) -> list[int]:
    """Count the groups of each kind, for four flips in the order of the table's bits; both masks together."""
    return [
        int(np.count_nonzero(groups & (1 << bit)) + np.count_nonzero(groups & (2 << bit)))
        for bit in range(0, 8, 2)
        for groups in (regular, singular)
    ]


def _ends_swapped(growth: NDArray[np.uint8]) -> NDArray[Any]:
    return ((growth & _FIRST_ENDS) << 1) | ((growth >> 1) & _FIRST_ENDS)


@cache
def _growth_table() -> NDArray[np.uint8]:
    """Return which flips make |u - v| grow, at the index 256 u + v.

    The bits, from the lowest: positive flip of u, of v, negative flip of u, of v, and these four once more for the last
    bits of both u and v flipped beforehand.
    """
    grid = np.arange(256)
    table, bit = np.zeros((256, 256), dtype=np.uint8), 0
    for samples in (grid, grid ^ 1):
        u, v = samples[:, None], samples[None, :]
        for flipped in (samples ^ 1, ((samples + 1) ^ 1) - 1):
            table |= (np.abs(flipped[:, None] - v) > np.abs(u - v)).astype(np.uint8) << bit
            table |= (np.abs(u - flipped[None, :]) > np.abs(u - v)).astype(np.uint8) << (bit + 1)
            bit += 2
    return table.ravel()
