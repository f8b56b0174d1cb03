"""RS analysis: message length from regular and singular groups of 2x2 samples, as StegExpose computes it.

Method: Fridrich, Goljan, Du, Reliable Detection of LSB Steganography in Color and Grayscale Images, ACM Workshop on
Multimedia and Security 2001.
"""

from typing import Any

from numpy.typing import NDArray

from miais.steganalysis.stegexpose.quadratic import quotient, root_nearest_zero
from miais.steganalysis.stegexpose.rs_groups import RsCounts, count_rs_groups


def rs_analysis(channel: NDArray[Any]) -> tuple[float, float] | None:
    """Estimate the length of an LSB message by RS analysis. StegExpose averages both values of the three channels.

    Args:
        channel: uint8, shape (H, W).

    Returns:
        Message length relative to one bit in every sample from overlapping groups, and from those that do not overlap;
        at least 0, not clamped above, or NaN. None if a side is below 2, as the tool fails there.

    Raises:
        TypeError: If `channel` is not a uint8 array.
        ValueError: If its shape is not (H, W).

    References:
        Fridrich, Goljan, Du, 2001. https://doi.org/10.1145/1232454.1232466

    Example:
        >>> import numpy as np
        >>> rs_analysis(np.full((4, 4), 7, dtype=np.uint8))
        (0.0, 0.0)
    """
    counts = count_rs_groups(channel)
    if counts is None:
        return None
    overlapping, separate = counts
    return rs_message_length(overlapping), rs_message_length(separate)


def rs_message_length(counts: RsCounts) -> float:
    """Solve for the message length at which the curves of regular and singular groups would cross.

    Args:
        counts: Groups of one channel.

    Returns:
        Relative message length, at least 0, not clamped above; NaN if the counts do not determine it.

    Example:
        >>> rs_message_length(RsCounts(60, 20, 60, 20, 50, 30, 70, 10))
        0.0
    """
    plain = counts.regular - counts.singular
    plain_negative = counts.regular_negative - counts.singular_negative
    flipped = counts.flipped_regular - counts.flipped_singular
    flipped_negative = counts.flipped_regular_negative - counts.flipped_singular_negative
    crossing = root_nearest_zero(
        2 * (flipped + plain),
        plain_negative - flipped_negative - flipped - 3 * plain,
        plain - plain_negative,
    )
    if crossing is None or (crossing == 0 and _is_spurious_zero(counts, crossing)):
        crossing = _straight_line(counts)
    if crossing - 0.5 == 0:
        return 0.0
    return abs(quotient(crossing, crossing - 0.5))


def _straight_line(counts: RsCounts) -> float:
    """Return the mean of where the two regular and the two singular lines cross."""
    (regular, flipped_regular), (singular, flipped_singular) = _gaps(counts)
    return (quotient(regular, regular - flipped_regular) + quotient(singular, singular - flipped_singular)) / 2


def _is_spurious_zero(counts: RsCounts, zero: float) -> bool:
    """Look at the slopes of the curves at a crossing at zero; its sign is that of the infinities."""
    regular, singular = ((flipped_gap - gap + quotient(gap, zero)) / (zero - 1) for gap, flipped_gap in _gaps(counts))
    return singular > 0 or regular < 0


def _gaps(counts: RsCounts) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return what the negative flip has more than the positive: regular groups, then singular; plain, then flipped."""
    return (
        (counts.regular_negative - counts.regular, counts.flipped_regular_negative - counts.flipped_regular),
        (counts.singular_negative - counts.singular, counts.flipped_singular_negative - counts.flipped_singular),
    )
