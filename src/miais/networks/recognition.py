"""What every steg-classifier returns."""

from typing import NamedTuple

from torch import Tensor


class Recognition(NamedTuple):
    """A classifier's answer for a batch of images.

    Attributes:
        embedding: v(·) of Eq. 5, the features before the last fully connected layer, shape (N, D).
        logits: One score per training identity, shape (N, K).
    """

    embedding: Tensor
    logits: Tensor
