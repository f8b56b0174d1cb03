"""The logistic map, a chaotic sequence of numbers.

Reference: May, Simple Mathematical Models with Very Complicated Dynamics, Nature 261:459-467, 1976.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_GROWTH = 3.99
_DIGITS = 1e14
"""An orbit's digits below the fourteenth are dropped: z * 1e14 is below 2^53, so its floor is exact."""


def logistic_digits(start: NDArray[np.float64], *, skip: int, count: int) -> Iterator[NDArray[np.int64]]:
    """Follow z <- 3.99 z (1 - z) from some starting points.

    Only single sums and products of float64 in a fixed order, which IEEE 754 defines to the last bit: the orbit is the
    same on every machine, chaotic as it is.

    Args:
        start: Where each orbit begins, range (0, 1), any shape.
        skip: Steps to make before the first number.
        count: How many numbers to give.

    Yields:
        floor(z * 10^14) of each orbit, the shape of `start`.

    Example:
        >>> [int(digits) for digits in logistic_digits(np.array(0.5), skip=0, count=2)]
        [99750000000000, 995006249999]
    """
    z = np.array(start, np.float64)
    for step in range(skip + count):
        z = _GROWTH * z * (1.0 - z)
        if step >= skip:
            yield np.floor(z * _DIGITS).astype(np.int64)
