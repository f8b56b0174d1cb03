"""Our light steg-generator: the container is the cover plus a small, bounded residual.

It sees the cover, so it can put the change where the picture is busy, and works at several scales, so that what must
survive a resize can go into the coarse ones. Sized for two CPU cores at about 128 px.
"""

from itertools import pairwise

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


class ResidualGenerator(nn.Module):
    """Bounded-residual, multi-scale steg-generator h of Eq. 1.

    Args:
        image_size: Side S of the square images in pixels, a multiple of 16.
        width: Channels at half resolution, a multiple of 8; doubled at each of three coarser scales.
        bound: Largest change of a sample before any PSNR budget, a share of the range in (0, 1].

    Shape:
        secret, cover (N, 3, S, S) in [0, 1] -> container (N, 3, S, S) in [0, 1].
    """

    def __init__(self, image_size: int = 128, *, width: int = 32, bound: float = 0.1) -> None:
        super().__init__()
        if image_size % 16 or image_size < 16:
            raise ValueError(f"expected an image_size that is a multiple of 16, got {image_size}")
        if width % 8 or width < 8:
            raise ValueError(f"expected a width that is a multiple of 8, got {width}")
        if not 0 < bound <= 1:
            raise ValueError(f"expected a bound in (0, 1], got {bound}")
        self.bound = bound
        widths = [width, 2 * width, 4 * width, 8 * width]
        # Two pixels a side become channels: half the resolution at no loss, an eighth of the work of full size.
        self.enter = _Block(6 * 4, width)
        self.down = nn.ModuleList(_Block(fine, coarse, 2) for fine, coarse in pairwise(widths))
        self.bottom = _Block(widths[-1], widths[-1])
        self.up = nn.ModuleList(_Block(coarse + fine, fine) for coarse, fine in pairwise(reversed(widths)))
        self.leave = nn.Conv2d(width, 3 * 4, 3, padding=1)

    def forward(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Change the cover a little."""
        pair = torch.cat([cover, secret], dim=1) * 2 - 1
        features = self.enter(F.pixel_unshuffle(pair, 2))  # (N, w, S/2, S/2)
        skips = []
        for down in self.down:
            skips.append(features)
            features = down(features)
        features = self.bottom(features)  # (N, 8w, S/16, S/16)
        for up in self.up:
            wider = F.interpolate(features, scale_factor=2.0, mode="nearest")
            features = up(torch.cat([wider, skips.pop()], dim=1))
        residual = self.bound * torch.tanh(F.pixel_shuffle(self.leave(features), 2).float())
        return (cover + residual).clamp(0, 1)
