"""The loss terms of the paper, each a pure function with its equation number."""

from miais.losses.content import content_loss
from miais.losses.discrepancy import discrepancy_loss
from miais.losses.hints import hint_loss
from miais.losses.recognition import cross_entropy_loss, triplet_loss
from miais.losses.visual import restoration_loss, visual_similarity_loss

__all__ = [
    "content_loss",
    "cross_entropy_loss",
    "discrepancy_loss",
    "hint_loss",
    "restoration_loss",
    "triplet_loss",
    "visual_similarity_loss",
]
