"""Small peers and small pictures for them."""

import torch
from torch import nn

from miais.peers import PEERS

SIZES = {
    "hiips": {"width": 4},
    "steganogan": {"width": 4},
    "hidden": {"width": 4},
    "stegnet": {"width": 8},
    "hinet": {"blocks": 2, "growth": 4},
    "udh": {"width": 4},
}
CRITICS = [name for name, method in PEERS.items() if method.critic is not None]


def small_peer(name, **arguments):
    """A peer with few channels, always the same; HiNet's not as it starts, where it hides nothing at all."""
    torch.manual_seed(0)
    peer = PEERS[name].build(**SIZES[name], **arguments)
    return shake(peer) if name == "hinet" else peer


def small_critic(name):
    """The critic of a peer that has one."""
    torch.manual_seed(1)
    return PEERS[name].critic.build(width=4)


def pair(batch=2, height=32, width=32, dtype=torch.float32):
    """A secret and a cover."""
    random = torch.Generator().manual_seed(2)
    return torch.rand(2, batch, 3, height, width, generator=random, dtype=dtype).unbind()


def count(network):
    """Number of parameters that are trained."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def on_paper(build, *arguments, **more) -> nn.Module:
    """A network without the memory of its weights, to be counted."""
    with torch.device("meta"):
        return build(*arguments, **more)


def shake(network: nn.Module, scale: float = 0.05, seed: int = 0) -> nn.Module:
    """Give every weight a random value, the last convolutions too, which start at zero and do nothing."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(scale * torch.randn(parameter.shape, generator=random, dtype=parameter.dtype))
    return network
