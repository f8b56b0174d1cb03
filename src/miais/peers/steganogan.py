"""SteganoGAN: densely connected encoder and decoder, trained against a critic; here with an image as its message.

Zhang, Cuesta-Infante, Xu, Veeramachaneni, SteganoGAN: High Capacity Image Steganography with GANs, 2019.
arXiv:1901.03892. The original hides random bits; an image takes the place of three planes of them, and its decoder's
cross-entropy becomes a squared error.
"""

from functools import partial

import torch
from torch import Tensor, nn

from miais.peers.fixed_critic import score_with_fixed_weights
from miais.peers.method import AdamSettings, CriticMethod, PeerMethod
from miais.peers.pair import NetworkPair
from miais.peers.shapes import check_images
from miais.peers.squared_errors import squared_errors

_PLANES = 3
_CLIP = 0.1
_LEAST_SIDE = 9
"""Of four 3x3 convolutions without padding."""


def _unit(inputs: int, outputs: int, padding: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=padding)
    return nn.Sequential(convolution, nn.LeakyReLU(0.01, inplace=True), nn.BatchNorm2d(outputs))


class _Dense(nn.Module):
    """Three units and a convolution, each of which sees all before it, and from the second on the message too."""

    def __init__(self, width: int, message: int) -> None:
        super().__init__()
        self.units = nn.ModuleList(_unit(inputs, width) for inputs in (3, width + message, 2 * width + message))
        self.last = nn.Conv2d(3 * width + message, 3, 3, padding=1)

    def forward(self, images: Tensor, *message: Tensor) -> Tensor:
        first, *others = self.units
        seen = [first(images)]
        for unit in others:
            seen.append(unit(torch.cat([*seen, *message], dim=1)))
        result: Tensor = self.last(torch.cat([*seen, *message], dim=1))
        return result


class SteganoGANGenerator(nn.Module):
    """Dense encoder, 33,204 parameters. The cover is in [-1, 1] inside, the secret in [0, 1], as the bits were.

    Args:
        width: Channels of each unit.

    Shape:
        secret, cover (N, 3, H, W) in [0, 1] -> container (N, 3, H, W), not clamped.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.encoder = _Dense(width, _PLANES)

    def forward(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Hide each secret in its cover."""
        return cover + self.encoder(2 * cover - 1, secret).to(cover.dtype) / 2


class SteganoGANRestorer(nn.Module):
    """Dense decoder, 31,395 parameters.

    Args:
        width: Channels of each unit.

    Shape:
        container (N, 3, H, W) on the scale of [0, 1] -> restored (N, 3, H, W), not clamped.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.decoder = _Dense(width, 0)

    def forward(self, container: Tensor) -> Tensor:
        """Restore the secret of each container."""
        return self.decoder(2 * container - 1)


class SteganoGANCritic(nn.Module):
    """Wasserstein critic, 19,873 parameters: high for containers, low for covers.

    Args:
        width: Channels of each unit.

    Shape:
        image (N, 3, H, W) on the scale of [0, 1], H and W at least 9 -> score (N,), mean over all positions.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.units = nn.Sequential(*(_unit(inputs, width, padding=0) for inputs in (3, width, width)))
        self.last = nn.Conv2d(width, 1, 3)

    def forward(self, image: Tensor) -> Tensor:
        """Score images."""
        check_images("picture", image, least=_LEAST_SIDE)
        return self.last(self.units(2 * image - 1)).to(image.dtype).mean(dim=(1, 2, 3))

    def critic_loss(self, cover: Tensor, container: Tensor) -> Tensor:
        """Return how much higher covers score than containers."""
        return self(cover).mean() - self(container.detach()).mean()

    def hider_loss(self, container: Tensor) -> Tensor:
        """Return the score of the containers, which the generator lowers."""
        return score_with_fixed_weights(self, container).mean()

    @torch.no_grad()
    def after_step(self) -> None:
        """Clip every weight, those of the normalisation included, to 0.1 either side of zero."""
        for parameter in self.parameters():
            parameter.clamp_(-_CLIP, _CLIP)


def steganogan(width: int = 32, *, sigmoid: bool = False) -> NetworkPair:
    """Make the dense encoder and the dense decoder, 64,599 parameters.

    Args:
        width: Channels of each unit.
        sigmoid: At the end of the decoder; False: linear.

    Raises:
        ValueError: If `width` is below 1.

    Example:
        >>> peer = steganogan(width=2).eval()
        >>> peer.reveal(torch.rand(1, 3, 15, 18)).shape
        torch.Size([1, 3, 15, 18])
    """
    if width < 1:
        raise ValueError(f"expected a width of at least 1, got {width}")
    return NetworkPair(SteganoGANGenerator(width), SteganoGANRestorer(width), sigmoid=sigmoid)


METHOD = PeerMethod(
    "SteganoGAN",
    steganogan,
    # On the scale of [-1, 1] the container's error has weight 1. The authors' 100 is for bits, whose cross-entropy is
    # 0.69 until they can be read; a picture's error is a tenth of that at most: beside 100 nothing is hidden at all.
    partial(squared_errors, container=4.0, restored=1.0),
    AdamSettings(lr=1e-4),
    critic=CriticMethod(SteganoGANCritic, AdamSettings(lr=1e-4), turns="epoch"),
)
"""As in the authors' code, but for the weight."""
