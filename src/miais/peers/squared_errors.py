"""The native image loss of most methods."""

import torch.nn.functional as F
from torch import Tensor

from miais.peers.interface import Passage


def squared_errors(secret: Tensor, cover: Tensor, passage: Passage, *, container: float, restored: float) -> Tensor:
    """Weighted mean squared errors of the container, which no restorer has a part in, and of the restored secret.

    Args:
        secret: Shape (N, 3, H, W), range [0, 1].
        cover: The same shape and range.
        passage: What a peer made of them.
        container: Weight of the first.
        restored: Weight of the second, whose gradient reaches both networks.

    Returns:
        Scalar, mean over all values, on the scale of [0, 1].

    Example:
        >>> import torch
        >>> black, grey = torch.zeros(1, 3, 4, 4), torch.full((1, 3, 4, 4), 0.5)
        >>> squared_errors(black, black, Passage(grey, grey), container=1.0, restored=3.0)
        tensor(1.)
    """
    return container * F.mse_loss(passage.container, cover) + restored * F.mse_loss(passage.restored, secret)
