"""HIiPS: three convolutional networks that prepare, hide and reveal, each looking at three scales at once.

Baluja, Hiding Images in Plain Sight: Deep Steganography, NeurIPS 2017. The paper leaves the layers open; they are those
that public implementations agree on.
"""

from functools import partial

import torch
from torch import Tensor, nn

from miais.peers.method import AdamSettings, PeerMethod
from miais.peers.pair import NetworkPair
from miais.peers.squared_errors import squared_errors

_KERNELS = (3, 4, 5)
_DEPTH = 4
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet, with which the networks' images are normalised."""


class _Normalisation(nn.Module):
    """From [0, 1] to the networks' own scale, and back."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name, values in (("mean", _MEAN), ("std", _STD)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        return (images - self.mean) / self.std

    def inverse(self, images: Tensor) -> Tensor:
        return images * self.std + self.mean


def _convolution(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    # Padded to the same size; an even kernel has the odd pixel after the image, as in TensorFlow.
    before = (kernel - 1) // 2
    after = kernel - 1 - before
    pad = nn.ZeroPad2d((before, after, before, after))
    convolution = nn.Conv2d(inputs, outputs, kernel)
    # Without normalisation a secret fades on its way through fifteen layers, unless their initial weights are He's:
    # with PyTorch's own nothing is hidden yet after 500 steps, alone.
    nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
    return nn.Sequential(pad, convolution, nn.ReLU(inplace=True))


class _Block(nn.Module):
    """Branches of kernels 3, 4 and 5 side by side, then one more convolution of each kernel on all of them."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(*(_convolution(width if layer else inputs, width, kernel) for layer in range(_DEPTH)))
            for kernel in _KERNELS
        )
        self.mixers = nn.ModuleList(_convolution(len(_KERNELS) * width, width, kernel) for kernel in _KERNELS)

    def forward(self, images: Tensor) -> Tensor:
        features = torch.cat([branch(images) for branch in self.branches], dim=1)
        return torch.cat([mixer(features) for mixer in self.mixers], dim=1)


def _network(inputs: int, width: int) -> nn.Sequential:
    """From images or features to an image, with a linear end."""
    return nn.Sequential(_Block(inputs, width), nn.Conv2d(len(_KERNELS) * width, 3, 1))


class HIiPSGenerator(nn.Module):
    """Prepare and hide, 758,250 and 1,133,703 parameters.

    Args:
        width: Channels of each convolution.

    Shape:
        secret, cover (N, 3, H, W) in [0, 1] -> container (N, 3, H, W), not clamped.
    """

    def __init__(self, width: int = 50) -> None:
        super().__init__()
        self.normalisation = _Normalisation()
        self.preparer = _Block(3, width)
        self.hider = _network(3 + len(_KERNELS) * width, width)

    def forward(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Hide each secret in its cover."""
        prepared = self.preparer(self.normalisation(secret))
        container = self.hider(torch.cat([self.normalisation(cover), prepared], dim=1))
        return self.normalisation.inverse(container.to(cover.dtype))


class HIiPSRestorer(nn.Module):
    """Reveal, 758,703 parameters.

    Args:
        width: Channels of each convolution.

    Shape:
        container (N, 3, H, W) on the scale of [0, 1] -> restored (N, 3, H, W), not clamped.
    """

    def __init__(self, width: int = 50) -> None:
        super().__init__()
        self.normalisation = _Normalisation()
        self.revealer = _network(3, width)

    def forward(self, container: Tensor) -> Tensor:
        """Restore the secret of each container."""
        return self.normalisation.inverse(self.revealer(self.normalisation(container)).to(container.dtype))


def hiips(width: int = 50, *, noise: float = 0.01) -> NetworkPair:
    """Make the three networks, 2,650,656 parameters.

    Args:
        width: Channels of each convolution.
        noise: Standard deviation of what falls on the container in training, so that the secret does not end up in the
            last bits; on the scale of [0, 1].

    Raises:
        ValueError: If `width` is below 1 or `noise` negative.

    Example:
        >>> peer = hiips(width=2).eval()
        >>> peer.hide(torch.rand(1, 3, 15, 18), torch.rand(1, 3, 15, 18)).shape
        torch.Size([1, 3, 15, 18])
    """
    if width < 1:
        raise ValueError(f"expected a width of at least 1, got {width}")
    return NetworkPair(HIiPSGenerator(width), HIiPSRestorer(width), noise=noise)


METHOD = PeerMethod("HIiPS", hiips, partial(squared_errors, container=1.0, restored=0.75), AdamSettings(lr=1e-4))
"""The weight of the restored secret is called beta; 0.25 to 1.25 have been used."""
