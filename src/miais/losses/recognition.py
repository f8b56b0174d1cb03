"""Eq. 6 and Eq. 7: who is it."""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor


def cross_entropy_loss(logits: Tensor, labels: Tensor, *, margin: float = 0.0) -> Tensor:
    """L_ce of Eq. 6, mean over the batch (the constant 1/K of Eq. 6 is left out, as in the authors' code).

    Args:
        logits: Shape (N, K).
        labels: Identities, int64, shape (N,).
        margin: Subtracted from the true identity's logit. With cosine logits this is the additive cosine margin times
            the logits' scale (Wang et al., CosFace, CVPR 2018).

    Returns:
        Scalar, nats.

    Example:
        >>> import torch
        >>> round(float(cross_entropy_loss(torch.zeros(2, 4), torch.tensor([0, 3]))), 4)
        1.3863
    """
    if margin:
        logits = logits - margin * F.one_hot(labels, logits.shape[1])
    return F.cross_entropy(logits, labels)


def triplet_loss(embeddings: Tensor, *, margin: float = 1.2, roles: Literal["anchor", "both"] = "anchor") -> Tensor:
    """L_trip of Eq. 7, mean over the triplets (Eq. 7 sums; the mean does not depend on the batch size).

    Args:
        embeddings: All anchors, then all positives, then all negatives, shape (3B, D). Distances are unsquared.
        margin: γ, in the unit of the embeddings.
        roles: "anchor" is Eq. 7; "both" lets the positive play the anchor as well and takes the mean of the two.

    Returns:
        Scalar, 0 where every negative is farther than its positive by the margin.

    Raises:
        ValueError: If the number of embeddings is not a multiple of three or the roles are unknown.

    Example:
        >>> import torch
        >>> points = torch.tensor([[0.0], [1.0], [3.0]])  # anchor, positive, negative
        >>> float(triplet_loss(points, margin=2.5))
        0.5
    """
    if roles not in ("anchor", "both"):
        raise ValueError(f"expected roles 'anchor' or 'both', got {roles!r}")
    if len(embeddings) % 3:
        raise ValueError(
            f"expected anchors, positives and negatives, a multiple of three rows, got {len(embeddings)} rows"
        )
    anchor, positive, negative = embeddings.chunk(3)
    loss = F.triplet_margin_loss(anchor, positive, negative, margin=margin)
    if roles == "both":
        loss = (loss + F.triplet_margin_loss(positive, anchor, negative, margin=margin)) / 2
    return loss
