"""StegExpose: four statistical detectors of LSB steganography and their mean, with the numbers of the real tool."""

from miais.steganalysis.stegexpose.chi_square import chi_square, chi_square_p_values
from miais.steganalysis.stegexpose.decoding import stegexpose_pixels
from miais.steganalysis.stegexpose.fusion import message_bytes
from miais.steganalysis.stegexpose.primary_sets import primary_sets
from miais.steganalysis.stegexpose.report import StegExposeReport, stegexpose_report
from miais.steganalysis.stegexpose.rs import rs_analysis, rs_message_length
from miais.steganalysis.stegexpose.rs_groups import RsCounts, count_rs_groups
from miais.steganalysis.stegexpose.sample_pairs import sample_pairs

__all__ = [
    "RsCounts",
    "StegExposeReport",
    "chi_square",
    "chi_square_p_values",
    "count_rs_groups",
    "message_bytes",
    "primary_sets",
    "rs_analysis",
    "rs_message_length",
    "sample_pairs",
    "stegexpose_pixels",
    "stegexpose_report",
]
