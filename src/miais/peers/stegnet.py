"""StegNet: residual blocks of separable convolutions, and a loss that also evens the error out.

Wu, Yang, Li, StegNet: Mega Image Steganography Capacity with Deep Convolutional Network, Future Internet 10(6):54,
2018. arXiv:1806.06357. As in the authors' code, which has no lifting layer before the blocks.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.peers.interface import Passage
from miais.peers.method import AdamSettings, PeerMethod
from miais.peers.pair import NetworkPair

_FACTORS = (1, 1, 2, 2, 4, 4)


def _activation(channels: int) -> nn.Sequential:
    return nn.Sequential(nn.BatchNorm2d(channels), nn.ELU(inplace=True))


class _SeparableBlock(nn.Module):
    """x + f(x), with x widened by channels of zeros on both sides."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _activation(inputs),
            nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
            nn.Conv2d(inputs, outputs, 1),
        )
        front = (outputs - inputs) // 2
        self.zeros = (front, outputs - inputs - front)

    def forward(self, features: Tensor) -> Tensor:
        return self.body(features) + F.pad(features, (0, 0, 0, 0, *self.zeros))


def _network(inputs: int, width: int) -> nn.Sequential:
    widths = [width * factor for factor in _FACTORS]
    blocks = (_SeparableBlock(*pair) for pair in zip([inputs, *widths], widths, strict=False))
    reduce = (_activation(widths[-1]), nn.Conv2d(widths[-1], width, 3, padding=1))
    network = nn.Sequential(*blocks, *reduce, _activation(width), nn.Conv2d(width, 3, 3, padding=1))
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network


class StegNetGenerator(nn.Module):
    """Encoder, 74,053 parameters; its images are in [-1, 1] inside.

    Args:
        width: Channels of the first block, at least 6, and of the last convolution's input.

    Shape:
        secret, cover (N, 3, H, W) in [0, 1] -> container (N, 3, H, W), not clamped.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.encoder = _network(6, width)

    def forward(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Hide each secret in its cover."""
        return (self.encoder(2 * torch.cat([cover, secret], dim=1) - 1).to(cover.dtype) + 1) / 2


class StegNetRestorer(nn.Module):
    """Decoder, 73,924 parameters; its images are in [-1, 1] inside.

    Args:
        width: Channels of the first block, at least 3, and of the last convolution's input.

    Shape:
        container (N, 3, H, W) on the scale of [0, 1] -> restored (N, 3, H, W), not clamped.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.decoder = _network(3, width)

    def forward(self, container: Tensor) -> Tensor:
        """Restore the secret of each container."""
        return (self.decoder(2 * container - 1).to(container.dtype) + 1) / 2


def stegnet(width: int = 32) -> NetworkPair:
    """Make encoder and decoder, 147,977 parameters.

    Args:
        width: Channels of the first block.

    Raises:
        ValueError: If `width` is below 6, the channels of cover and secret.

    Example:
        >>> peer = stegnet(width=8).eval()
        >>> peer.reveal(torch.rand(1, 3, 15, 18)).shape
        torch.Size([1, 3, 15, 18])
    """
    if width < 6:
        raise ValueError(f"expected a width of at least 6, got {width}")
    return NetworkPair(StegNetGenerator(width), StegNetRestorer(width))


def stegnet_loss(secret: Tensor, cover: Tensor, passage: Passage) -> Tensor:
    """Mean of the absolute error and of the error's variance within an image, of container and restored secret.

    The variance, of the signed error over rows, columns and channels, is what keeps it from gathering in places.

    Args:
        secret: Shape (N, 3, H, W), range [0, 1].
        cover: The same shape and range.
        passage: What the networks made of them.

    Returns:
        Scalar, mean over the images, on the scale of [-1, 1].
    """
    errors = torch.stack([passage.container - cover, passage.restored - secret]) * 2
    return (errors.abs().mean() + errors.var(dim=(2, 3, 4), correction=0).mean()) / 2


METHOD = PeerMethod("StegNet", stegnet, stegnet_loss, AdamSettings(lr=1e-5, betas=(0.5, 0.9)))
"""The paper's learning rate is for a million pictures; for some thousands, ten times as much is of more use."""
