"""StegExpose as a whole: four detectors, one after the other, and what their mean says of a picture.

Boehm: StegExpose - A Tool for Detecting LSB Steganography, 2014. https://arxiv.org/abs/1410.6656. Written from a
description of what the tool computes and checked against its output.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from miais.steganalysis.stegexpose.chi_square import chi_square
from miais.steganalysis.stegexpose.fusion import fused_score, limited
from miais.steganalysis.stegexpose.pixels import check_pixels
from miais.steganalysis.stegexpose.primary_sets import primary_sets
from miais.steganalysis.stegexpose.rs import rs_analysis
from miais.steganalysis.stegexpose.sample_pairs import sample_pairs

DEFAULT_THRESHOLD = 0.2


@dataclass(frozen=True)
class StegExposeReport:
    """What StegExpose says about one picture.

    Each detector's value is in [0, 1], NaN if its equation has no solution, and None if the tool cannot run it on a
    picture of this size or the fast mode did not need it.

    Attributes:
        primary_sets: Message length, relative to one bit in every sample.
        sample_pairs: The same.
        rs: The same.
        chi_square: Mean p-value.
        fused: Mean of those that are numbers; NaN if none is.
        stego: Whether `fused` exceeds the threshold.
        tried: The names of the detectors that were called, in order.
    """

    primary_sets: float | None
    sample_pairs: float | None
    rs: float | None
    chi_square: float | None
    fused: float
    stego: bool
    tried: tuple[str, ...]


def stegexpose_report(
    pixels: NDArray[Any], *, threshold: float = DEFAULT_THRESHOLD, fast: bool = False
) -> StegExposeReport:
    """Analyse a picture as StegExpose does.

    Args:
        pixels: RGB, uint8, shape (H, W, 3), as in the file; of an image of the project
            `to_uint8(image).movedim(0, -1).numpy()`. What the tool sees of grey, 16-bit and transparent files, which
            the project reads otherwise, is in `stegexpose_pixels`.
        threshold: A picture counts as stego above it, a number in [0, 1].
        fast: Stop as soon as the mean of the detectors so far is below the threshold; `fused` is then that mean.

    Returns:
        The values, their mean and the decision.

    Raises:
        TypeError: If `pixels` is not a uint8 array.
        ValueError: If its shape is not (H, W, 3), or the threshold is outside [0, 1].

    References:
        Boehm, StegExpose, 2014. https://arxiv.org/abs/1410.6656

    Example:
        >>> report = stegexpose_report(np.full((256, 256, 3), 128, dtype=np.uint8))
        >>> report.primary_sets, report.chi_square, report.fused, report.stego
        (0.0, None, 0.0, False)
        >>> stegexpose_report(np.full((256, 256, 3), 128, dtype=np.uint8), fast=True).tried
        ('primary_sets',)
    """
    pixels = check_pixels(pixels)
    if not 0 <= threshold <= 1:
        raise ValueError(f"expected a threshold in [0, 1], got {threshold}; the tool's own is {DEFAULT_THRESHOLD}")
    values: dict[str, float | None] = {}
    for name, detector in _DETECTORS.items():
        value = detector(pixels)
        values[name] = None if value is None else limited(value)
        if fast and fused_score(values.values()) < threshold:
            break
    fused = fused_score(values.values())
    return StegExposeReport(
        primary_sets=values.get("primary_sets"),
        sample_pairs=values.get("sample_pairs"),
        rs=values.get("rs"),
        chi_square=values.get("chi_square"),
        fused=fused,
        stego=fused > threshold,
        tried=tuple(values),
    )


def _primary_sets_of_red(pixels: NDArray[np.uint8]) -> float:
    return primary_sets(pixels[..., 0])


def _mean_sample_pairs(pixels: NDArray[np.uint8]) -> float | None:
    lengths = [sample_pairs(pixels[..., channel]) for channel in range(3)]
    return _mean_of_three(lengths)


def _mean_rs(pixels: NDArray[np.uint8]) -> float | None:
    """Average overlapping and separate groups, each first over the channels."""
    lengths = [rs_analysis(pixels[..., channel]) for channel in range(3)]
    overlapping, separate = (_mean_of_three([None if pair is None else pair[i] for pair in lengths]) for i in (0, 1))
    return None if overlapping is None or separate is None else (overlapping + separate) / 2


def _mean_of_three(values: list[float | None]) -> float | None:
    """Average over the channels in the order that the tool adds them."""
    red, green, blue = values
    return None if red is None or green is None or blue is None else (red + green + blue) / 3


_DETECTORS: dict[str, Callable[[NDArray[np.uint8]], float | None]] = {
    "primary_sets": _primary_sets_of_red,
    "sample_pairs": _mean_sample_pairs,
    "chi_square": chi_square,
    "rs": _mean_rs,
}
