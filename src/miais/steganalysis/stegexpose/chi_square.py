"""The chi-square attack: whether the two values of each pair 2k, 2k+1 are equally frequent, as StegExpose computes it.

Method: Westfeld, Pfitzmann, Attacks on Steganographic Systems, Information Hiding 1999, LNCS 1768.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from miais.steganalysis.stegexpose.chi_square_tail import chi_square_tail
from miais.steganalysis.stegexpose.pixels import check_pixels

_BLOCK_SAMPLES = 1024
_LEAST_BLOCKS = 256  # The tool fills an array of one place for each block with 256 numbers, and fails below.
_BLOCKS_AT_A_TIME = 256


def chi_square(pixels: NDArray[Any]) -> float | None:
    """Mean p-value of the chi-square attack: near 1 if the picture is full of a message, near 0 if it has none.

    Args:
        pixels: RGB, uint8, shape (H, W, 3).

    Returns:
        A number in [0, 1]. None below 87,723 pixels (297x297 is enough), as the tool fails there.

    Raises:
        TypeError: If `pixels` is not a uint8 array.
        ValueError: If its shape is not (H, W, 3).

    References:
        Westfeld, Pfitzmann, 1999. https://doi.org/10.1007/10719724_5

    Example:
        >>> round(chi_square(np.full((300, 300, 3), 128, dtype=np.uint8)), 6)
        1.0
        >>> chi_square(np.zeros((256, 256, 3), dtype=np.uint8)) is None
        True
    """
    p_values = chi_square_p_values(pixels)
    if p_values is None:
        return None
    return float(np.cumsum(p_values)[-1]) / len(p_values)  # In order, as the tool adds them; np.sum adds in halves.


def chi_square_p_values(pixels: NDArray[Any]) -> NDArray[np.float64] | None:
    """Apply the chi-square test to all samples up to the end of each block of 1024.

    The samples come row by row, and of each pixel red, green, blue. The histogram begins with 1 at each value and is
    never reset. The last full block and what follows it are not used.

    Args:
        pixels: RGB, uint8, shape (H, W, 3).

    Returns:
        One p-value for each block, float64, shape (blocks,); None if there are fewer than 256 blocks.

    Raises:
        TypeError: If `pixels` is not a uint8 array.
        ValueError: If its shape is not (H, W, 3).

    Example:
        >>> chi_square_p_values(np.zeros((300, 300, 3), dtype=np.uint8)).shape
        (262,)
    """
    samples = check_pixels(pixels).reshape(-1)
    blocks = len(samples) // _BLOCK_SAMPLES - 1
    if blocks < _LEAST_BLOCKS:
        return None
    rows = samples[: blocks * _BLOCK_SAMPLES].reshape(blocks, _BLOCK_SAMPLES)
    histogram = np.ones(256, dtype=np.int64)
    statistics = []
    for start in range(0, blocks, _BLOCKS_AT_A_TIME):
        histograms = histogram + _histograms(rows[start : start + _BLOCKS_AT_A_TIME]).cumsum(axis=0)
        statistics.append(_statistics(histograms))
        histogram = histograms[-1]
    return chi_square_tail(np.concatenate(statistics), degrees=127)


def _histograms(samples: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count the values of each row, shape (rows, 256)."""
    offsets = 256 * np.arange(len(samples))[:, None]
    return np.bincount((samples + offsets).ravel(), minlength=256 * len(samples)).reshape(-1, 256)


def _statistics(histograms: NDArray[np.int64]) -> NDArray[np.float64]:
    """Compare the even values with half of their pairs, once scaled to the same sum; shape (rows,)."""
    observed = histograms[:, 0::2].T  # (128, rows)
    expected = (observed + histograms[:, 1::2].T) // 2
    scaled = expected * (observed.sum(axis=0) / expected.sum(axis=0))
    # The sum over the outer axis adds one pair after the other, as the tool does.
    terms: NDArray[np.float64] = np.square(observed - scaled) / scaled
    return np.ascontiguousarray(terms).sum(axis=0)
