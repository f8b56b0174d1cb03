"""Bytes from a chaotic system in continuous time.

Reference: Lorenz, Deterministic Nonperiodic Flow, Journal of the Atmospheric Sciences 20(2):130-141, 1963.
"""

import numpy as np
from numpy.typing import NDArray

from miais.obfuscation.keyed_draws import keyed_fractions

_SIGMA, _RHO, _BETA = 10.0, 28.0, 8.0 / 3.0
_STEP = 0.005
_WARM_UP = 5000
_SPACING = 20
_PATHS = 1024
"""Followed side by side: 65,536 bytes then take some 6,000 steps instead of 1.3 million."""


def lorenz_bytes(key: bytes, purpose: str, count: int) -> NDArray[np.uint8]:
    """Draw bytes from 1,024 paths of the Lorenz system (10, 28, 8/3).

    Each path starts at a keyed point of [-10, 10] x [-10, 10] x [10, 40], in fourth-order Runge-Kutta steps of 0.005.
    After 5,000 steps it is looked at every 20: a byte is floor(10^6 |x|) mod 256. The first byte is that of the first
    path, the second that of the second, and after the last path the first has its turn again.

    Only single sums, products and quotients of float64 in a fixed order, which IEEE 754 defines to the last bit: the
    paths are the same on every machine, chaotic as they are.

    Args:
        key: 32 bytes.
        purpose: Name of the stream.
        count: How many bytes; fewer are the first of more.

    Returns:
        Shape (count,).
    """
    unit = keyed_fractions(key, f"{purpose} start", 3 * _PATHS).reshape(_PATHS, 3).T
    state = unit * np.array([[20.0], [20.0], [30.0]]) + np.array([[-10.0], [-10.0], [10.0]])
    for _ in range(_WARM_UP):
        state = _after_a_step(state)
    rows = np.empty((-(-count // _PATHS), _PATHS), np.uint8)
    for row in rows:
        for _ in range(_SPACING):
            state = _after_a_step(state)
        row[:] = np.floor(np.abs(state[0]) * 1e6).astype(np.int64) % 256
    return rows.reshape(-1)[:count]


def _after_a_step(state: NDArray[np.float64]) -> NDArray[np.float64]:
    first = _velocity(state)
    second = _velocity(state + 0.5 * _STEP * first)
    third = _velocity(state + 0.5 * _STEP * second)
    fourth = _velocity(state + _STEP * third)
    return state + _STEP / 6.0 * (first + 2.0 * second + 2.0 * third + fourth)


def _velocity(state: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, z = state
    return np.stack((_SIGMA * (y - x), x * (_RHO - z) - y, x * y - _BETA * z))
