"""SRNet: no fixed filters, a long start without any pooling, residual blocks.

Boroumand, Chen, Fridrich, Deep Residual Network for Steganalysis of Digital Images, IEEE TIFS 14(5), 2019.
"""

import torch
from torch import Tensor, nn

from miais.steganalysis.learned.colours import Colours, filtered_apart, in_full_precision, plane_count, planes

_WIDTHS = ((16, 16), (16, 64), (64, 128), (128, 256))


def _convolution(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))


def _pair(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(_convolution(inputs, outputs), nn.ReLU(inplace=True), _convolution(outputs, outputs))


class _Unpooled(nn.Module):
    """x + f(x), with no activation after it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = _pair(width, width)

    def forward(self, features: Tensor) -> Tensor:
        return features + self.body(features)


class _Pooled(nn.Module):
    """The same at half the size; the shortcut is a 1x1 convolution."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, 2, bias=False), nn.BatchNorm2d(outputs))
        self.body = nn.Sequential(_pair(inputs, outputs), nn.AvgPool2d(3, 2, padding=1))

    def forward(self, features: Tensor) -> Tensor:
        return self.shortcut(features) + self.body(features)


class SRNet(nn.Module):
    """SRNet, for pictures of any size.

    Args:
        colours: What it sees; of "differences" each first filter starts out seeing one plane.

    Shape:
        image (N, 3, H, W) in [0, 1] -> logits (N, 2) of cover and stego.
    """

    def __init__(self, *, colours: Colours = "rgb") -> None:
        super().__init__()
        self.colours = colours
        self.trunk = nn.Sequential(
            _convolution(plane_count(colours), 64),
            nn.ReLU(inplace=True),
            _convolution(64, 16),
            nn.ReLU(inplace=True),
            *(_Unpooled(16) for _ in range(5)),
            *(_Pooled(*widths) for widths in _WIDTHS),
            _pair(256, 512),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Linear(512, 2)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)
        # The first filters start out blind to flat areas, as the authors' do not: what is hidden is faint beside what
        # the picture itself brings, and from their start random bits in 40% of the values were not found in 900 steps.
        first = self.trunk[0][0].weight  # type: ignore[index]
        with torch.no_grad():
            first -= first.mean(dim=(2, 3), keepdim=True)
            if filtered_apart(self.colours) > 1:  # luminance would drown the fainter differences
                first *= torch.eye(first.shape[1])[torch.arange(len(first)) % first.shape[1], :, None, None]

    def forward(self, image: Tensor) -> Tensor:
        """Score pictures."""
        with in_full_precision(
            image
        ):  # all of it: without fixed filters, every layer sees picture and message together
            return self.head(self.trunk(planes(image.float(), self.colours)))
