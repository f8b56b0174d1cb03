"""LE, learnable image encryption: the half bytes of every block are permuted and inverted, all blocks alike."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

from miais.obfuscation.blocks import check_block
from miais.obfuscation.keyed_draws import check_key, keyed_bits, keyed_permutations
from miais.obfuscation.nibbles import join_nibbles, split_nibbles
from miais.obfuscation.pictures import as_batch

Flip = Literal["independent", "reference"]


@dataclass(frozen=True)
class LearnableEncryption:
    """Encrypt every block with the same key, so that a convolution of the block's size can learn to read it.

    The values of a block are cut into half bytes n, see `nibbles`; place j gets half byte number pi(j), and inverted,
    15 - n, where bit j says so.

    Key draw: the permutation pi; independently of it the bits.

    Attributes:
        key: 32 bytes.
        block: Side of a block in pixels; the pictures' sides are multiples of it.
        flip: Where the bits come from: "independent" draws them; "reference" derives them from the permutation as the
            author's code does: each place with a number above the middle in it inverts both before and after the move,
            so that a half byte ends inverted if one of its two places does.

    Raises:
        TypeError, ValueError: If the key is none, the block is below one pixel, or `flip` is another word.

    References:
        Tanaka, Learnable Image Encryption, ICCE-TW 2018. https://arxiv.org/abs/1804.00490

    Example:
        >>> images = torch.arange(48, dtype=torch.uint8).view(3, 4, 4)
        >>> method = LearnableEncryption(bytes(32))
        >>> torch.equal(method(images), images), torch.equal(method.inverse(method(images)), images)
        (False, True)
    """

    key: bytes = field(repr=False)
    block: int = 4
    flip: Flip = "independent"

    def __post_init__(self) -> None:
        check_key(self.key)
        check_block(self.block)
        if self.flip not in ("independent", "reference"):
            raise ValueError(f"expected flip 'independent' or 'reference', got {self.flip!r}")

    def __call__(self, images: Tensor) -> Tensor:
        """Hide what the pictures show; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        batch = as_batch(images)
        nibbles = split_nibbles(batch, self.block)
        order, flips = (part.to(batch.device) for part in _block_key(self.key, self.block, self.flip))
        nibbles = nibbles[..., order] ^ flips
        return join_nibbles(nibbles, self.block, *batch.shape[-2:]).view(images.shape)

    def inverse(self, images: Tensor) -> Tensor:
        """Give back exactly what was hidden; the same shapes."""
        batch = as_batch(images)
        nibbles = split_nibbles(batch, self.block)
        order, flips = (part.to(batch.device) for part in _block_key(self.key, self.block, self.flip))
        nibbles = (nibbles ^ flips)[..., order.argsort()]
        return join_nibbles(nibbles, self.block, *batch.shape[-2:]).view(images.shape)


@lru_cache(maxsize=4)
def _block_key(key: bytes, block: int, flip: Flip) -> tuple[Tensor, Tensor]:
    """Return pi, and what to XOR each place with: 15 inverts a half byte."""
    size = 6 * block**2
    order = torch.from_numpy(keyed_permutations(key, "le permutation", size, 1)[0])
    if flip == "reference":
        # The author's code inverts before and after it permutes, at the same places: what is inverted twice is not.
        inverts = order > size // 2
        return order, 15 * (inverts[order] ^ inverts).byte()
    return order, 15 * torch.from_numpy(keyed_bits(key, "le flips", size))
