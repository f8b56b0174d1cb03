"""Yedroudj-Net: fixed high-pass filters, absolute values, truncation and batch normalisation.

Yedroudj, Comby, Chaumont, Yedroudj-Net: An Efficient CNN for Spatial Steganalysis, ICASSP 2018. arXiv:1803.00407. As
in the authors' Caffe file.
"""

import torch
from torch import Tensor, nn

from miais.steganalysis.learned.samples import grey_levels, in_full_precision
from miais.steganalysis.learned.srm import srm_filters


class _Absolute(nn.Module):
    def forward(self, features: Tensor) -> Tensor:
        """Drop the sign."""
        return features.abs()


class YedroudjNet(nn.Module):
    """Yedroudj-Net, for pictures of any size.

    Args:
        channels: 3, each filtered and summed, or 1, the luminance.

    Shape:
        image (N, 3, H, W) in [0, 1] -> logits (N, 2) of cover and stego.
    """

    filters: Tensor

    def __init__(self, *, channels: int = 3) -> None:
        super().__init__()
        self.channels = channels
        self.register_buffer("filters", srm_filters(normalized=True).unsqueeze(1).repeat(1, channels, 1, 1))
        self.trunk = nn.Sequential(
            nn.Conv2d(30, 30, 5, padding=2, bias=False),
            _Absolute(),
            nn.BatchNorm2d(30),
            nn.Hardtanh(-3, 3),
            nn.Conv2d(30, 30, 5, padding=2, bias=False),
            nn.BatchNorm2d(30),
            nn.Hardtanh(-2, 2),
            nn.AvgPool2d(5, 2, padding=2),
            *_block(30, 32),
            nn.AvgPool2d(5, 2, padding=2),
            *_block(32, 64),
            nn.AvgPool2d(5, 2, padding=2),
            *_block(64, 128),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Sequential(
            nn.Linear(128, 256), nn.ReLU(inplace=True), nn.Linear(256, 1024), nn.ReLU(inplace=True), nn.Linear(1024, 2)
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        """Score pictures."""
        with in_full_precision(image):
            residues = torch.nn.functional.conv2d(grey_levels(image.float(), self.channels), self.filters, padding=2)
        return self.head(self.trunk(residues))


def _block(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
