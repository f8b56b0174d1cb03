"""Hiding random bits in the least significant bits of a picture, as the golden numbers of StegExpose were made."""

import numpy as np


def lsb_replaced(pixels: np.ndarray, percent: int) -> np.ndarray:
    """Replace the last bit of that share of all samples by a random one."""
    rng = np.random.Generator(np.random.PCG64(20261122))
    flat = pixels.flatten()
    count = flat.size * percent // 100
    positions = rng.permutation(flat.size)[:count]
    bits = rng.integers(0, 2, size=count, dtype=np.uint8)
    flat[positions] = (flat[positions] & 0xFE) | bits
    return flat.reshape(pixels.shape)
