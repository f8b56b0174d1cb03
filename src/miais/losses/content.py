"""Eq. 5: the container's features stay near the secret's."""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor


def content_loss(
    container_embedding: Tensor, secret_embedding: Tensor, *, distance: Literal["norm", "mse"] = "norm"
) -> Tensor:
    """L_cont of Eq. 5: distance between the features of container and secret, mean over the batch.

    With v(·) the frozen classifier this is the paper's content loss. With a steg-classifier's embedding of the
    container against v(secret) the same formula distils the plain-secret recogniser.

    Args:
        container_embedding: Features of the containers, shape (N, D).
        secret_embedding: Features of the secrets that they hide, shape (N, D).
        distance: "norm" is Eq. 5, the Euclidean norm; "mse", the mean over components of the squared difference, is
            what the authors' code computes.

    Returns:
        Scalar, 0 for equal features.

    Raises:
        ValueError: If the shapes differ or the distance is unknown.

    Example:
        >>> import torch
        >>> content_loss(torch.zeros(2, 4), torch.ones(2, 4))
        tensor(2.)
    """
    if container_embedding.shape != secret_embedding.shape:
        raise ValueError(
            f"expected embeddings of one shape, got {tuple(container_embedding.shape)} and "
            f"{tuple(secret_embedding.shape)}"
        )
    if distance == "mse":
        return F.mse_loss(container_embedding, secret_embedding)
    if distance != "norm":
        raise ValueError(f"expected distance 'norm' or 'mse', got {distance!r}")
    # A norm's gradient is undefined at zero, where f and v agree; the constant keeps it finite.
    squared = (container_embedding - secret_embedding).square().sum(dim=1)
    return (squared + 1e-12).sqrt().mean()
