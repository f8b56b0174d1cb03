"""EtC, encryption then compression: block scrambling of a colour picture that JPEG still compresses well."""

from dataclasses import dataclass, field

from torch import Tensor

from miais.obfuscation.scrambled_blocks import BlockScrambling


@dataclass(frozen=True)
class EncryptionThenCompression:
    """Move, turn and mirror blocks, invert half of them, and swap the colours of each.

    Key draw: see `BlockScrambling`.

    Attributes:
        key: 32 bytes.
        block: Side of a block in pixels; the pictures' sides are multiples of it. 16 suits JPEG with halved colours.

    Raises:
        TypeError, ValueError: If the key is none or the block is below one pixel.

    References:
        Kurihara, Kikuchi, Imaizumi, Shiota, Kiya, An Encryption-then-Compression System for JPEG/Motion JPEG Standard,
        IEICE Transactions on Fundamentals E98-A, 2015.
        Chuman, Sirichotedumrong, Kiya, Encryption-then-Compression Systems using Grayscale-based Image Encryption for
        JPEG Images, IEEE TIFS 2019. https://arxiv.org/abs/1811.00236

    Example:
        >>> import torch
        >>> images = torch.arange(48, dtype=torch.uint8).view(3, 4, 4)
        >>> method = EncryptionThenCompression(bytes(32), block=2)
        >>> torch.equal(method(images), images), torch.equal(method.inverse(method(images)), images)
        (False, True)
    """

    key: bytes = field(repr=False)
    block: int = 16

    def __post_init__(self) -> None:
        self._scrambling()

    def __call__(self, images: Tensor) -> Tensor:
        """Hide what the pictures show; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        return self._scrambling().scramble(images)

    def inverse(self, images: Tensor) -> Tensor:
        """Give back exactly what was hidden; the same shapes."""
        return self._scrambling().restore(images)

    def _scrambling(self) -> BlockScrambling:
        return BlockScrambling(self.key, "etc", self.block, negative_share=0.5, shuffle_channels=True)
