"""What the detectors accept: 8-bit pixels, one channel or three."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def check_channel(channel: NDArray[Any]) -> NDArray[np.uint8]:
    """Refuse what is not one 8-bit channel.

    Args:
        channel: uint8, shape (H, W), neither side 0.

    Returns:
        The same values in C order.

    Raises:
        TypeError: If it is not a NumPy array of uint8.
        ValueError: If the shape is another.

    Example:
        >>> check_channel(np.zeros((2, 3, 3), dtype=np.uint8))
        Traceback (most recent call last):
        ValueError: expected a channel of shape (H, W) with at least one pixel, got (2, 3, 3); ...
    """
    _check_bytes(channel)
    if channel.ndim != 2 or channel.size == 0:
        raise ValueError(
            f"expected a channel of shape (H, W) with at least one pixel, got {channel.shape}; "
            "pass one channel at a time"
        )
    return np.ascontiguousarray(channel)


def check_pixels(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Refuse what is not an 8-bit RGB picture.

    Args:
        pixels: uint8, shape (H, W, 3), neither side 0.

    Returns:
        The same values in C order, which is the order of the samples in the file.

    Raises:
        TypeError: If it is not a NumPy array of uint8.
        ValueError: If the shape is another.

    Example:
        >>> check_pixels(np.zeros((3, 8, 6), dtype=np.uint8))
        Traceback (most recent call last):
        ValueError: expected RGB pixels of shape (H, W, 3) with at least one pixel, got (3, 8, 6); ...
    """
    _check_bytes(pixels)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.size == 0:
        raise ValueError(
            f"expected RGB pixels of shape (H, W, 3) with at least one pixel, got {pixels.shape}; "
            "move the channels last"
        )
    return np.ascontiguousarray(pixels)


def _check_bytes(array: NDArray[Any]) -> None:
    found = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
    if found != np.uint8:
        raise TypeError(
            f"expected a NumPy array of uint8, got {found}; "
            "for an image of the project give to_uint8(image).movedim(0, -1).numpy()"
        )
