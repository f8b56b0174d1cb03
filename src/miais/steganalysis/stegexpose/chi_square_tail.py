"""The upper tail of the chi-square distribution, for odd degrees of freedom in closed form."""

import math

import numpy as np
import torch
from numpy.typing import NDArray


def chi_square_tail(statistic: NDArray[np.float64], degrees: int) -> NDArray[np.float64]:
    """Probability that a chi-square variable exceeds a value.

    Args:
        statistic: Values, at least 0, any shape.
        degrees: Degrees of freedom, odd.

    Returns:
        Probabilities, same shape, within about 1e-14.

    Raises:
        ValueError: If `degrees` is not odd and positive.

    References:
        Abramowitz, Stegun, Handbook of Mathematical Functions, 1964, equation 26.4.4.

    Example:
        >>> chi_square_tail(np.array([0.0, 3.841459, 1e9]), 1).round(6)
        array([1.  , 0.05, 0.  ])
    """
    if degrees < 1 or degrees % 2 == 0:
        raise ValueError(f"expected odd degrees of freedom, got {degrees}; the closed form holds for these only")
    half = statistic / 2
    root = np.sqrt(half)
    tail: NDArray[np.float64] = torch.special.erfc(torch.from_numpy(root)).numpy()
    term = np.exp(-half) * root * (2 / math.sqrt(math.pi))
    for step in range(1, (degrees - 1) // 2 + 1):
        tail = tail + term
        term = term * half / (step + 0.5)
    return np.minimum(tail, 1)
