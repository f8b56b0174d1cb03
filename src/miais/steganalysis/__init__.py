"""Finding out whether a picture hides something."""

from miais.steganalysis.stegexpose import StegExposeReport, stegexpose_report

__all__ = ["StegExposeReport", "stegexpose_report"]
