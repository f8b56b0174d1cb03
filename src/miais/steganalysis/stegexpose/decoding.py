"""The 8-bit RGB that the real tool, in Java, sees of a picture: grey is taken as linear light, alpha is ignored.

Only needed to get the tool's numbers for grey and 16-bit files; for 8-bit RGB the pixels are what they are.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def stegexpose_pixels(samples: NDArray[Any]) -> NDArray[np.uint8]:
    """Turn the samples of a file into the pixels that StegExpose analyses.

    Grey of 8 or 16 bits is converted as if it were linear: dark values are spread out and bright ones merged, which
    destroys the statistics of the last bits. Grey files of 1, 2 or 4 bits are not converted: pass them as RGB.

    Args:
        samples: uint8 or uint16, shape (H, W) or (H, W, C) with grey, grey and alpha, RGB, or RGB and alpha.

    Returns:
        RGB, uint8, shape (H, W, 3).

    Raises:
        TypeError: If the samples are neither uint8 nor uint16.
        ValueError: If the shape is another.

    Example:
        >>> stegexpose_pixels(np.array([[0, 1, 2, 255]], dtype=np.uint8))[..., 0]
        array([[  0,  13,  22, 255]], dtype=uint8)
    """
    if samples.dtype not in (np.uint8, np.uint16):
        raise TypeError(f"expected samples of uint8 or uint16, got {samples.dtype}; give those of the file")
    if samples.ndim not in (2, 3) or (samples.ndim == 3 and samples.shape[2] not in (1, 2, 3, 4)):
        raise ValueError(f"expected samples of shape (H, W) or (H, W, 1 to 4), got {samples.shape}")
    if samples.ndim == 2:
        samples = samples[..., None]
    full = int(np.iinfo(samples.dtype).max)
    if samples.shape[2] < 3:
        grey = _srgb_of_linear(full)[samples[..., :1]]
        return np.repeat(grey, 3, axis=2)
    colour = samples[..., :3]
    return _rounded(np.arange(full + 1) * 255 / full)[colour] if full != 255 else colour


def _srgb_of_linear(full: int) -> NDArray[np.uint8]:
    """Return the sRGB byte of each linear level, shape (full + 1,)."""
    linear = np.arange(full + 1) / full
    return _rounded(255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))


def _rounded(levels: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.floor(levels + 0.5).astype(np.uint8)  # np.round would send halves to the even neighbour.
