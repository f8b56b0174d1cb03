"""The body that our light generator and restorer share: a small U-Net that starts at half resolution."""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class _Block(nn.Sequential):
    """3x3 convolution, group normalisation, leaky ReLU; group statistics do not depend on the rest of the batch."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
            nn.GroupNorm(8, outputs),
            nn.LeakyReLU(0.1, inplace=True),
        )


class MultiScaleBody(nn.Module):
    """A U-Net of four scales, from half of the resolution to a sixteenth.

    Args:
        inputs: Channels in.
        outputs: Channels out, at full resolution.
        width: Channels at half resolution, a multiple of 8; doubled at each of three coarser scales.

    Shape:
        (N, inputs, S, S) -> (N, outputs, S, S), S a multiple of 16.
    """

    def __init__(self, inputs: int, outputs: int, width: int) -> None:
        super().__init__()
        if width % 8 or width < 8:
            raise ValueError(f"expected a width that is a multiple of 8, got {width}")
        widths = [width, 2 * width, 4 * width, 8 * width]
        scales = list(itertools.pairwise(widths))
        # Two pixels a side become channels: half the resolution at no loss, a fraction of the work of full size.
        self.enter = _Block(inputs * 4, width)
        self.down = nn.ModuleList(_Block(fine, coarse, 2) for fine, coarse in scales)
        self.bottom = _Block(widths[-1], widths[-1])
        self.up = nn.ModuleList(_Block(coarse + fine, fine) for fine, coarse in reversed(scales))
        self.leave = nn.Conv2d(width, outputs * 4, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """Return images or features at full resolution, float32."""
        features = self.enter(F.pixel_unshuffle(images, 2))  # (N, w, S/2, S/2)
        skips = []
        for down in self.down:
            skips.append(features)
            features = down(features)
        features = self.bottom(features)  # (N, 8w, S/16, S/16)
        for up in self.up:
            wider = F.interpolate(features, scale_factor=2.0, mode="nearest")
            features = up(torch.cat([wider, skips.pop()], dim=1))
        return F.pixel_shuffle(self.leave(features), 2).float()
