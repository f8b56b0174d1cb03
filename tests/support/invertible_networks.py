"""An invertible generator and its restorer, small enough for a test."""

import torch
from torch import nn

from miais.networks.spec import NetworkSpec

SIDE = 32
ARGUMENTS = {"image_size": SIDE, "blocks": 2, "growth": 4}
SPEC = NetworkSpec("invertible", ARGUMENTS)
"""Of the generator and of the restorer: they have one kind and one set of sizes."""


def shake(network: nn.Module, scale: float = 0.05, seed: int = 0) -> nn.Module:
    """Give every weight a random value, the last convolutions too, which start at zero and do nothing."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(scale * torch.randn(parameter.shape, generator=random, dtype=parameter.dtype))
    return network
