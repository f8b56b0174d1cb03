"""StegExpose: four statistical detectors of LSB steganography and their mean, with the numbers of the real tool."""

from miais.steganalysis.stegexpose.primary_sets import primary_sets
from miais.steganalysis.stegexpose.sample_pairs import sample_pairs

__all__ = [
    "primary_sets",
    "sample_pairs",
]
