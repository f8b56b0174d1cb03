"""Eq. 11: how far the two steg-classifiers disagree."""

from typing import Literal

from torch import Tensor

# The authors' code takes the mean over batch and K = 1662 identities times 1000; as a sum over identities the same
# number does not shrink with K.
OFFICIAL_FACTOR = 1000 / 1662


def discrepancy_loss(logits_1: Tensor, logits_2: Tensor, *, on: Literal["logits", "softmax"] = "logits") -> Tensor:
    """L_dis of Eq. 11: mean absolute difference between the answers of the two steg-classifiers.

    Args:
        logits_1: Answers of f1, shape (N, K).
        logits_2: Answers of f2, shape (N, K).
        on: "logits" is Eq. 11. "softmax" is the authors' code: 1000 times the mean difference of the probabilities at
            their K = 1662, here scaled so that its range, [0, 1.203], is the same for every K.

    Returns:
        Scalar, 0 where both agree.

    Raises:
        ValueError: If the shapes differ or `on` is unknown.

    Example:
        >>> import torch
        >>> float(discrepancy_loss(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0.0]])))
        1.0
    """
    if logits_1.shape != logits_2.shape:
        raise ValueError(f"expected logits of one shape, got {tuple(logits_1.shape)} and {tuple(logits_2.shape)}")
    if on == "logits":
        return (logits_1 - logits_2).abs().mean()
    if on != "softmax":
        raise ValueError(f"expected the discrepancy on 'logits' or 'softmax', got {on!r}")
    gap = (logits_1.softmax(dim=1) - logits_2.softmax(dim=1)).abs().sum(dim=1)
    return OFFICIAL_FACTOR * gap.mean()
