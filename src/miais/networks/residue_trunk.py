"""The light trunk of our recognisers, on an image beside its residues. Sized for two CPU cores at about 128 px."""

import torch.nn.functional as F
from torch import Tensor, nn

from miais.networks.high_pass import HighPassFront


class _Block(nn.Sequential):
    """3x3 convolution, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        super().__init__(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class _ResidualBlock(nn.Module):
    """relu(x + f(x)), f two batch-normalised convolutions that start as zero."""

    def __init__(self, width: int) -> None:
        super().__init__()
        last_norm = nn.BatchNorm2d(width)
        nn.init.zeros_(last_norm.weight)
        self.body = nn.Sequential(_Block(width, width), nn.Conv2d(width, width, 3, padding=1, bias=False), last_norm)

    def forward(self, features: Tensor) -> Tensor:
        return F.relu(features + self.body(features))


def residue_trunk(width: int, blocks: int) -> nn.Sequential:
    """Convolutions on an image beside its residues, to a sixteenth of its side and eight times the width."""
    stages: list[nn.Module] = [_Block(HighPassFront.channels, width, 2)]
    for level in range(3):
        inputs, outputs = width * 2**level, width * 2 ** (level + 1)
        stages += [_Block(inputs, outputs, 2), *(_ResidualBlock(outputs) for _ in range(blocks))]
    return nn.Sequential(*stages)


def weighting_of_places(features: int, side: int) -> nn.Conv2d:
    """Sum up features over places, each place with a weight of its own: faces are aligned, so where matters."""
    pool = nn.Conv2d(features, features, side, groups=features, bias=False)
    nn.init.constant_(pool.weight, 1 / side**2)
    return pool
