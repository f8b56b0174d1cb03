"""Affine coupling blocks on two branches of sub-bands: whatever their subnets are, they can be run backwards.

References:
    Jing et al., HiNet: Deep Image Hiding by Invertible Network, ICCV 2021, section 3.
"""

from collections.abc import Iterator
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BANDS = 12
"""Channels of a branch: four sub-bands of red, green and blue."""
CLAMP = 2.0
"""Factors of a block lie in (exp(-CLAMP), exp(CLAMP)), so that neither direction explodes."""


class DenseSubnet(nn.Module):
    """Five 3x3 convolutions, each of which sees the input and all that the earlier ones made of it.

    The last one starts at zero, so that a fresh block changes nothing.

    Args:
        growth: Channels that each of the first four adds.

    Shape:
        (N, 12, h, w) -> (N, 12, h, w).
    """

    def __init__(self, growth: int) -> None:
        super().__init__()
        if growth < 1:
            raise ValueError(f"expected a growth of at least 1, got {growth}")
        outputs = (growth,) * 4 + (BANDS,)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(BANDS + number * growth, channels, 3, padding=1) for number, channels in enumerate(outputs)
        )
        for parameter in self.convolutions[-1].parameters():
            nn.init.zeros_(parameter)

    def forward(self, bands: Tensor) -> Tensor:
        """Return what a branch lends to the other."""
        features = bands
        for convolution in self.convolutions[:-1]:
            more = F.leaky_relu(convolution(features), 0.01)
            # Under autocast in the type of the convolutions, which all read it again, and not widened at every turn.
            features = torch.cat([features.to(more.dtype), more], dim=1)
        result: Tensor = self.convolutions[-1](features)
        return result.to(bands.dtype)


class InvertibleBlock(nn.Module):
    """One exchange between the cover's branch and the secret's, with the exact inverse.

    Args:
        growth: Of its three `DenseSubnet`, phi, rho and eta.

    Shape:
        Two branches (N, 12, h, w) -> two branches of the same shape, in both directions.
    """

    def __init__(self, growth: int) -> None:
        super().__init__()
        self.phi, self.rho, self.eta = DenseSubnet(growth), DenseSubnet(growth), DenseSubnet(growth)

    def forward(self, cover: Tensor, secret: Tensor) -> tuple[Tensor, Tensor]:
        """Add to the cover's branch what hides the secret, and take out of the secret's what the cover has now."""
        cover = cover + self.phi(secret)
        return cover, secret * self._exponent(cover).exp() + self.eta(cover)

    def inverse(self, cover: Tensor, secret: Tensor) -> tuple[Tensor, Tensor]:
        """Undo `forward`, up to rounding."""
        secret = (secret - self.eta(cover)) * (-self._exponent(cover)).exp()
        return cover - self.phi(secret), secret

    def _exponent(self, cover: Tensor) -> Tensor:
        return CLAMP * 2 * (torch.sigmoid(self.rho(cover)) - 0.5)


class InvertibleBlocks(nn.Module):
    """Blocks one after the other, each with weights of its own.

    Args:
        blocks: How many.
        growth: Of every `DenseSubnet` in them.

    Shape:
        Two branches (N, 12, h, w) -> two branches of the same shape, in both directions.
    """

    def __init__(self, blocks: int = 16, growth: int = 32) -> None:
        super().__init__()
        if blocks < 1:
            raise ValueError(f"expected at least 1 block, got {blocks}")
        self.blocks, self.growth = nn.ModuleList(InvertibleBlock(growth) for _ in range(blocks)), growth

    def forward(self, cover: Tensor, secret: Tensor) -> tuple[Tensor, Tensor]:
        """Return the container's sub-bands, and what of the secret is not in them."""
        for block in self.blocks:
            cover, secret = block(cover, secret)
        return cover, secret

    def inverse(self, container: Tensor, lost: Tensor) -> tuple[Tensor, Tensor]:
        """Return the sub-bands of cover and secret, exact if `lost` is what `forward` returned beside the container."""
        for block in cast("Iterator[InvertibleBlock]", reversed(self.blocks)):
            container, lost = block.inverse(container, lost)
        return container, lost
