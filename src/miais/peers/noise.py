"""Numbers that a peer draws on its way."""

import torch
from torch import Tensor


def standard_normal(like: Tensor, random: torch.Generator | None) -> Tensor:
    """Draw from N(0, 1) in the shape, type and place of a tensor.

    Args:
        like: Any shape.
        random: Source, on any device; None: torch's own of the tensor's device.
    """
    device = like.device if random is None else random.device
    return torch.randn(like.shape, generator=random, device=device).to(like)
