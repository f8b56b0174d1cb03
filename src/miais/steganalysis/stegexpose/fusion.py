"""From the values of single detectors to one score, and from the score to the size of a message."""

import math
from collections.abc import Iterable


def limited(value: float) -> float:
    """Bring a detector's value for a picture into [0, 1]: negative ones are mirrored, not set to 0.

    Args:
        value: Any float.

    Returns:
        The magnitude, at most 1; NaN for NaN.

    Example:
        >>> limited(-0.25), limited(float("-inf")), limited(float("nan"))
        (0.25, 1.0, nan)
    """
    magnitude = abs(value)
    return 1.0 if magnitude > 1 else magnitude


def fused_score(values: Iterable[float | None]) -> float:
    """Mean of the detectors that have an answer.

    Args:
        values: In the order of the detectors; None or NaN for those without an answer.

    Returns:
        The mean; NaN if there is nothing to average.

    Example:
        >>> fused_score([0.25, None, 0.5, float("nan")])
        0.375
    """
    total, count = 0.0, 0
    for value in values:
        if value is not None and not math.isnan(value):
            total += value  # One by one: the built-in sum compensates its rounding from Python 3.12 on.
            count += 1
    return total / count if count else math.nan


def message_bytes(fused: float, file_bytes: int) -> int:
    """Size of the message as StegExpose reports it: a share of the file's size, not of the picture's samples.

    The same picture, compressed otherwise, so has another "message size".

    Args:
        fused: Score in [0, 1], or NaN.
        file_bytes: Size of the picture's file.

    Returns:
        Bytes, halves rounded up; 0 for NaN.

    Raises:
        ValueError: If `file_bytes` is negative.

    Example:
        >>> message_bytes(0.5, 1000)
        167
    """
    if file_bytes < 0:
        raise ValueError(f"expected the size of a file in bytes, got {file_bytes}")
    if math.isnan(fused):
        return 0
    size = fused * file_bytes / 3
    whole = math.floor(size)
    return whole + (size - whole >= 0.5)
