"""EtC on grey planes: luminance and the two colour differences lie side by side and are scrambled as one picture."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from miais.obfuscation.blocks import check_sides
from miais.obfuscation.pictures import as_batch
from miais.obfuscation.sample_moves import SampleMoves, move_samples, move_samples_back
from miais.obfuscation.scrambled_blocks import BlockScrambling
from miais.obfuscation.ycbcr import rgb_to_ycbcr, ycbcr_to_rgb


@dataclass(frozen=True)
class GreyEncryptionThenCompression:
    """Move, turn and mirror the blocks of Y, Cb and Cr across the three planes, and invert half of them.

    The planes are laid side by side as one grey picture three times as wide, scrambled, and laid over each other again
    as the three channels of the result: a picture of H x 3W for a JPEG of one channel is its channels side by side.

    Key draw: see `BlockScrambling`.

    Attributes:
        key: 32 bytes.
        block: Side of a block in pixels; the pictures' sides are multiples of it.

    Raises:
        TypeError, ValueError: If the key is none or the block is below one pixel.

    References:
        Chuman, Sirichotedumrong, Kiya, Encryption-then-Compression Systems using Grayscale-based Image Encryption for
        JPEG Images, IEEE TIFS 2019. https://arxiv.org/abs/1811.00236

    Example:
        >>> images = torch.arange(48, dtype=torch.uint8).view(3, 4, 4)
        >>> method = GreyEncryptionThenCompression(bytes(32), block=2)
        >>> bool(((method.inverse(method(images)).short() - images.short()).abs() <= 2).all())
        True
    """

    key: bytes = field(repr=False)
    block: int = 8

    def __post_init__(self) -> None:
        self._scrambling()

    def __call__(self, images: Tensor) -> Tensor:
        """Hide what the pictures show; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        planes = self._planes(rgb_to_ycbcr(as_batch(images)))
        return _laid_over(move_samples(planes, self._moves(planes))).view(images.shape)

    def inverse(self, images: Tensor) -> Tensor:
        """Give back Y, Cb and Cr exactly and, as these are rounded, colours to within 2 levels; the same shapes."""
        planes = self._planes(as_batch(images))
        return ycbcr_to_rgb(_laid_over(move_samples_back(planes, self._moves(planes)))).view(images.shape)

    def _planes(self, channels: Tensor) -> Tensor:
        """Turn (N, 3, H, W) into (N, 1, H, 3W)."""
        height, width = channels.shape[-2:]
        check_sides(height, width, self.block)
        return torch.cat(channels.split(1, dim=1), dim=3)

    def _moves(self, planes: Tensor) -> SampleMoves:
        return self._scrambling().moves(*planes.shape[1:])

    def _scrambling(self) -> BlockScrambling:
        return BlockScrambling(self.key, "etc-grey", self.block, negative_share=0.5, shuffle_channels=False)


def _laid_over(planes: Tensor) -> Tensor:
    """Turn (N, 1, H, 3W) into (N, 3, H, W)."""
    return torch.cat(planes.chunk(3, dim=3), dim=1)
