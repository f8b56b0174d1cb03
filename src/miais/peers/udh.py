"""UDH: the secret becomes a faint picture of its own, which is added to whatever cover there is.

Zhang, Benz, Karjauv, Sun, Kweon, UDH: Universal Deep Hiding for Steganography, Watermarking, and Light Field Messaging,
NeurIPS 2020.
"""

from functools import partial

import torch
from torch import Tensor, nn

from miais.networks.restorer import Restorer
from miais.networks.unet import down_stages, through_stages, up_stages
from miais.peers.method import AdamSettings, PeerMethod
from miais.peers.pair import NetworkPair
from miais.peers.squared_errors import squared_errors

_STAGES = 5


class UDHGenerator(nn.Module):
    """U-Net that sees the secret alone, 16,659,075 parameters.

    Args:
        width: Channels after the first convolution.
        bound: Largest change of a value of the cover, on the scale of [0, 1].
        stages: Halvings.

    Shape:
        secret, cover (N, 3, H, W) in [0, 1], H and W multiples of 2**stages -> container (N, 3, H, W), not clamped.
    """

    def __init__(self, width: int = 64, bound: float = 10 / 255, stages: int = _STAGES) -> None:
        super().__init__()
        self.bound = bound
        channels = [width * min(2**level, 8) for level in range(stages)]
        self.down, self.up = down_stages(3, channels), up_stages(channels)

    def forward(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Hide each secret in its cover."""
        return cover + self.code(secret)

    def code(self, secret: Tensor) -> Tensor:
        """Return what a secret adds to any cover, shape (N, 3, H, W), range [-bound, bound]."""
        return self.bound * torch.tanh(through_stages(secret, self.down, self.up).to(secret.dtype))


def udh(width: int = 64, *, bound: float = 10 / 255, stages: int = _STAGES) -> NetworkPair:
    """Make the U-Net and a restorer that has the build of the paper's, 742,659 parameters.

    Args:
        width: Channels after the first convolution of both networks.
        bound: Largest change of a value of the cover, on the scale of [0, 1].
        stages: Halvings of the U-Net; the sides of images are multiples of 2**stages.

    Raises:
        ValueError: If `width` is below 1, `bound` outside (0, 1], or `stages` below 2.

    Example:
        >>> peer = udh(width=2).eval()
        >>> peer.hide(torch.rand(1, 3, 32, 64), torch.rand(1, 3, 32, 64)).shape
        torch.Size([1, 3, 32, 64])
    """
    if width < 1 or not 0 < bound <= 1:
        raise ValueError(f"expected a width of at least 1 and a bound in (0, 1], got {width} and {bound}")
    if stages < 2:
        raise ValueError(f"expected at least 2 stages, got {stages}")
    return NetworkPair(UDHGenerator(width, bound, stages), Restorer(width), side_step=2**stages).apply(_initialise)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out")


METHOD = PeerMethod(
    "UDH",
    udh,
    partial(squared_errors, container=1.0, restored=0.75),
    AdamSettings(lr=1e-3, betas=(0.5, 0.999)),
    side_step=2**_STAGES,
)
