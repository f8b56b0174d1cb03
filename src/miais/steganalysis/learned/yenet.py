"""Ye-Net: high-pass filters that are learnt further, truncation, and a plain convolutional network.

Ye, Ni, Yi, Deep Learning Hierarchical Representations for Image Steganalysis, IEEE TIFS 12(11), 2017.
"""

import torch
from torch import Tensor, nn

from miais.steganalysis.learned.colours import Colours, filtered_apart, in_full_precision, plane_count, planes
from miais.steganalysis.learned.srm import srm_filters

_TRUNCATION = 3.0
_BIAS = 0.2
_LAST_KERNEL = 3


class YeNet(nn.Module):
    """Ye-Net for pictures of one size.

    Args:
        image_size: Side in pixels, at least 112. The last pooling is left out where it would leave too little for the
            layers after it, as at 128; at 256 the network is the paper's.
        colours: What it sees; each plane is filtered, those of "rgb" are summed, those of "differences" stay apart.
        batch_norm: Normalise after each activation, the truncation too. The paper does not, and learns more slowly.

    Shape:
        image (N, 3, S, S) in [0, 1] -> logits (N, 2) of cover and stego.
    """

    def __init__(self, *, image_size: int = 256, colours: Colours = "rgb", batch_norm: bool = False) -> None:
        super().__init__()
        self.image_size, self.colours, groups = image_size, colours, filtered_apart(colours)
        self.filters = nn.Conv2d(plane_count(colours), 30 * groups, 5, groups=groups)
        layers: list[nn.Module] = []
        for inputs in (30 * groups, 30, 30):
            layers += [nn.Conv2d(inputs, 30, 3), nn.ReLU(inplace=True)]
        layers.append(nn.AvgPool2d(2))
        for inputs in (30, 32):
            layers += [nn.Conv2d(inputs, 32, 5), nn.ReLU(inplace=True), nn.AvgPool2d(3, 2)]
        layers += [nn.Conv2d(32, 32, 5), nn.ReLU(inplace=True)]
        side = _side_after(layers, image_size - 4)
        pooled = (side - 3) // 2 + 1
        if pooled - 2 >= _LAST_KERNEL:
            layers.append(nn.AvgPool2d(3, 2))
            side = pooled
        if side - 2 < _LAST_KERNEL:
            raise ValueError(f"expected an image_size of at least 112, got {image_size}")
        layers += [nn.Conv2d(32, 16, 3), nn.ReLU(inplace=True), nn.Conv2d(16, 16, 3, 3), nn.ReLU(inplace=True)]
        side = (side - 2 - _LAST_KERNEL) // 3 + 1
        self.truncation = nn.Sequential(nn.Hardtanh(-_TRUNCATION, _TRUNCATION))
        if batch_norm:
            layers = _normalised(layers)
            self.truncation.append(nn.BatchNorm2d(30 * groups))
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Linear(16 * side**2, 2)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.trunk:
            if isinstance(module, nn.Conv2d):
                nn.init.xavier_uniform_(module.weight)
                nn.init.constant_(module.bias, _BIAS)  # type: ignore[arg-type]
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)
        with torch.no_grad():
            self.filters.weight.copy_(srm_filters().repeat(self.filters.groups, 1, 1).unsqueeze(1))  # for every plane
            nn.init.zeros_(self.filters.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor) -> Tensor:
        """Score pictures."""
        if image.shape[-2:] != (self.image_size, self.image_size):
            raise ValueError(f"expected pictures of {self.image_size} x {self.image_size}, got {tuple(image.shape)}")
        with in_full_precision(image):
            residues = self.truncation(self.filters(planes(image.float(), self.colours)))
        return self.head(self.trunk(residues).flatten(1))


def _normalised(layers: list[nn.Module]) -> list[nn.Module]:
    """Put a normalisation after each ReLU."""
    found: list[nn.Module] = []
    for layer in layers:
        found.append(layer)
        if isinstance(layer, nn.ReLU):
            found.append(nn.BatchNorm2d(found[-2].out_channels))  # type: ignore[arg-type]
    return found


def _side_after(layers: list[nn.Module], side: int) -> int:
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            side -= int(layer.kernel_size[0]) - 1
        elif isinstance(layer, nn.AvgPool2d):
            kernel, stride = int(layer.kernel_size), int(layer.stride)  # type: ignore[arg-type]
            side = (side - kernel) // stride + 1
    return side
