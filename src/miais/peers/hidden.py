"""HiDDeN: a short encoder, a longer decoder and an adversary; here with an image as its message.

Zhu, Kaplan, Johnson, Fei-Fei, HiDDeN: Hiding Data With Deep Networks, ECCV 2018. arXiv:1807.09937. The original hides
some bits, the same at every pixel, and pools to read them; an image needs neither, so input and output layers differ.
"""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.peers.fixed_critic import score_with_fixed_weights
from miais.peers.method import AdamSettings, CriticMethod, PeerMethod
from miais.peers.pair import NetworkPair
from miais.peers.shapes import check_images
from miais.peers.squared_errors import squared_errors

_ENCODER_UNITS, _DECODER_UNITS, _ADVERSARY_UNITS = 4, 7, 3
_ADVERSARIAL_WEIGHT = 1e-3


def _unit(inputs: int, outputs: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def _units(count: int, width: int) -> nn.Sequential:
    """From an image to features."""
    return nn.Sequential(*(_unit(width if layer else 3, width) for layer in range(count)))


class HiDDeNGenerator(nn.Module):
    """Encoder for an image, 153,795 parameters: the secret joins the cover and its features before the last unit.

    Args:
        width: Channels of each unit.

    Shape:
        secret, cover (N, 3, H, W) in [0, 1] -> container (N, 3, H, W), not clamped.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.features = _units(_ENCODER_UNITS, width)
        self.writer = nn.Sequential(_unit(3 + width + 3, width), nn.Conv2d(width, 3, 1))

    def forward(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Hide each secret in its cover."""
        return self.writer(torch.cat([secret, self.features(cover), cover], dim=1)).to(cover.dtype)


class HiDDeNAdversary(nn.Module):
    """Classifier of covers and containers, 76,097 parameters.

    Args:
        width: Channels of each unit.

    Shape:
        image (N, 3, H, W) on the scale of [0, 1] -> logit of being a cover, (N,).
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.trunk = nn.Sequential(_units(_ADVERSARY_UNITS, width), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(width, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Score images."""
        check_images("picture", image)
        return self.head(self.trunk(image)).to(image.dtype).squeeze(1)

    def critic_loss(self, cover: Tensor, container: Tensor) -> Tensor:
        """Return the cross-entropies of both kinds; each goes through with batch statistics of its own."""
        return _cross_entropy(self(cover), 1.0) + _cross_entropy(self(container.detach()), 0.0)

    def hider_loss(self, container: Tensor) -> Tensor:
        """Return the weighted cross-entropy of containers taken for covers."""
        return _ADVERSARIAL_WEIGHT * _cross_entropy(score_with_fixed_weights(self, container), 1.0)

    def after_step(self) -> None:
        """Leave the weights as they are."""


def _cross_entropy(logits: Tensor, label: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def hidden(width: int = 64, *, sigmoid: bool = True) -> NetworkPair:
    """Make encoder and decoder for an image, 379,782 parameters; no distortion lies between them.

    Args:
        width: Channels of each unit.
        sigmoid: At the end of the decoder; False: linear.

    Raises:
        ValueError: If `width` is below 1.

    Example:
        >>> peer = hidden(width=2).eval()
        >>> peer.reveal(torch.rand(1, 3, 15, 18)).shape
        torch.Size([1, 3, 15, 18])
    """
    if width < 1:
        raise ValueError(f"expected a width of at least 1, got {width}")
    decoder = nn.Sequential(_units(_DECODER_UNITS, width), nn.Conv2d(width, 3, 3, padding=1))
    return NetworkPair(HiDDeNGenerator(width), decoder, sigmoid=sigmoid)


METHOD = PeerMethod(
    "HiDDeN",
    hidden,
    partial(squared_errors, container=0.7, restored=1.0),
    AdamSettings(lr=1e-3),
    critic=CriticMethod(HiDDeNAdversary, AdamSettings(lr=1e-3), turns="batch"),
)
"""As in a public implementation, with Adam's own defaults."""
