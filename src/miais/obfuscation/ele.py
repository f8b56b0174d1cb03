"""ELE, extended learnable encryption: LE with another key at each place, and then the blocks change places."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor

from miais.obfuscation.blocks import check_block
from miais.obfuscation.keyed_draws import check_key, keyed_bits, keyed_permutations
from miais.obfuscation.nibbles import join_nibbles, split_nibbles
from miais.obfuscation.pictures import as_batch

_GROUP_PIXELS = 65536
"""Keys are drawn together for blocks of so many pixels, 256x256: that bounds memory for large pictures."""


@dataclass(frozen=True)
class ExtendedLearnableEncryption:
    """Encrypt each block with a key of its own, then permute the blocks.

    Key draw: for each group of block positions, in row-major order and of 65,536 pixels, their permutations and their
    bits (see `LearnableEncryption`); then the permutation of the blocks: block i of the result is block perm[i],
    encrypted with the key of the place that it came from.

    Attributes:
        key: 32 bytes.
        block: Side of a block in pixels; the pictures' sides are multiples of it.

    Raises:
        TypeError, ValueError: If the key is none or the block is below one pixel.

    References:
        Madono, Tanaka, Onishi, Ogawa, Block-wise Scrambled Image Recognition Using Adaptation Network, AAAI Workshop
        2020. https://arxiv.org/abs/2001.07761

    Example:
        >>> images = torch.arange(192, dtype=torch.uint8).view(3, 8, 8)
        >>> method = ExtendedLearnableEncryption(bytes(32))
        >>> torch.equal(method(images), images), torch.equal(method.inverse(method(images)), images)
        (False, True)
    """

    key: bytes = field(repr=False)
    block: int = 4

    def __post_init__(self) -> None:
        check_key(self.key)
        check_block(self.block)

    def __call__(self, images: Tensor) -> Tensor:
        """Hide what the pictures show; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        batch = as_batch(images)
        nibbles = split_nibbles(batch, self.block)
        for group, order, flips in self._groups(nibbles):
            group.copy_(group.gather(2, order.expand_as(group)) ^ flips)
        nibbles = nibbles[:, _positions(self.key, nibbles.shape[1]).to(batch.device)]
        return join_nibbles(nibbles, self.block, *batch.shape[-2:]).view(images.shape)

    def inverse(self, images: Tensor) -> Tensor:
        """Give back exactly what was hidden; the same shapes."""
        batch = as_batch(images)
        nibbles = split_nibbles(batch, self.block)
        nibbles = nibbles[:, _positions(self.key, nibbles.shape[1]).argsort().to(batch.device)]
        for group, order, flips in self._groups(nibbles):
            group.copy_(torch.empty_like(group).scatter_(2, order.expand_as(group), group ^ flips))
        return join_nibbles(nibbles, self.block, *batch.shape[-2:]).view(images.shape)

    def _groups(self, nibbles: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Yield views of the half bytes of neighbouring blocks, the order in each block and what to XOR it with."""
        for number, group in enumerate(nibbles.split(_blocks_in_group(self.block), dim=1)):
            order, flips = _group_key(self.key, self.block, number)
            count = group.shape[1]
            yield group, order[:count].to(group.device), flips[:count].to(group.device)


@lru_cache(maxsize=4)
def _group_key(key: bytes, block: int, number: int) -> tuple[Tensor, Tensor]:
    size, count = 6 * block**2, _blocks_in_group(block)
    order = keyed_permutations(key, f"ele permutations {number}", size, count)
    flips = keyed_bits(key, f"ele flips {number}", count * size).reshape(count, size)
    return torch.from_numpy(order), 15 * torch.from_numpy(flips)


@lru_cache(maxsize=1)
def _positions(key: bytes, count: int) -> Tensor:
    return torch.from_numpy(keyed_permutations(key, "ele positions", count, 1)[0])


def _blocks_in_group(block: int) -> int:
    return max(1, _GROUP_PIXELS // block**2)
