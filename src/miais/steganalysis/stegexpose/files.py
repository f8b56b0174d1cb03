"""StegExpose on files, decoded as the real tool decodes them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from miais.image_limits import opened, read_file
from miais.image_samples import read_samples
from miais.steganalysis.stegexpose.decoding import stegexpose_pixels
from miais.steganalysis.stegexpose.fusion import message_bytes
from miais.steganalysis.stegexpose.report import DEFAULT_THRESHOLD, StegExposeReport, stegexpose_report

_PNG_DEPTH = 24
"""Where a PNG states the bits of a sample."""


class FileAnalysis(NamedTuple):
    """What StegExpose says of a file.

    Attributes:
        report: Of its pixels.
        message_bytes: Size of the message, as the tool states it.
    """

    report: StegExposeReport
    message_bytes: int


def analyse_file(path: str | Path, *, threshold: float = DEFAULT_THRESHOLD, fast: bool = False) -> FileAnalysis:
    """Analyse the picture in a file.

    Rows and columns are those of the file, whatever its EXIF orientation says; transparency is ignored.

    Args:
        path: As for `miais.image.read_image`.
        threshold: As for `stegexpose_report`.
        fast: The same.

    Raises:
        FileNotFoundError, ImageError: As `miais.image.read_image`.
        ValueError: If the threshold is outside [0, 1].
    """
    data = read_file(path)
    with opened(data, str(path)) as file:
        few_bits = file.mode == "1" or (file.format == "PNG" and data[_PNG_DEPTH] < 8)
        samples = read_samples(file, data, str(path), upright=False)
    report = stegexpose_report(_pixels(samples.colour, samples.full, few_bits), threshold=threshold, fast=fast)
    return FileAnalysis(report, message_bytes(report.fused, len(data)))


def _pixels(colour: NDArray[np.generic], full: int, few_bits: bool) -> NDArray[np.uint8]:
    if full not in (255, 65535):  # 12 bits, or floats, which CMYK has become
        colour = np.floor(colour.astype(np.float64) * (65535 / full) + 0.5).astype(np.uint16)
    if few_bits and colour.shape[2] == 1:
        return np.repeat(colour.astype(np.uint8), 3, axis=2)
    return stegexpose_pixels(colour)
