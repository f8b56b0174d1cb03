"""Block scrambling, which EtC and EM-HOG share: blocks move, turn, are mirrored, inverted, and swap their colours."""

from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor

from miais.obfuscation.blocks import check_block, join_blocks, split_blocks
from miais.obfuscation.channel_orders import CHANNEL_ORDERS
from miais.obfuscation.keyed_draws import check_key, keyed_choices, keyed_integers, keyed_permutations
from miais.obfuscation.pictures import as_batch
from miais.obfuscation.sample_moves import SampleMoves, move_samples, move_samples_back

_MIRRORS: tuple[tuple[int, ...], ...] = ((), (1,), (0,), (0, 1))
"""Axes that are reversed: none, left and right, top and bottom, both."""


@dataclass(frozen=True)
class BlockScrambling:
    """Four keyed steps on the blocks of a picture.

    Key draw, each for all places in row-major order: which block comes to each place; quarter turns, 0 to 3, against
    the clock; the mirroring that follows, 0 to 3 as in `_MIRRORS`; whether to invert, p -> 255 - p; the order of the
    colours, 0 to 5, as in `CHANNEL_ORDERS`.

    Attributes:
        key: 32 bytes.
        purpose: Name of the method, which gives it streams of its own.
        block: Side of a block in pixels.
        negative_share: Probability in [0, 1] that a block is inverted.
        shuffle_channels: Whether to swap colours.

    Raises:
        TypeError, ValueError: If the key is none, or a number is out of range.
    """

    key: bytes = field(repr=False)
    purpose: str
    block: int
    negative_share: float
    shuffle_channels: bool

    def __post_init__(self) -> None:
        check_key(self.key)
        check_block(self.block)
        if not 0 <= self.negative_share <= 1:
            raise ValueError(f"expected a negative_share in [0, 1], got {self.negative_share}")

    def scramble(self, images: Tensor) -> Tensor:
        """Take the steps on pictures, bytes, shape (3, H, W) or (N, 3, H, W); the same shape."""
        batch = as_batch(images)
        return move_samples(batch, self.moves(*batch.shape[1:])).view(images.shape)

    def restore(self, images: Tensor) -> Tensor:
        """Give back exactly what was scrambled; the same shapes."""
        batch = as_batch(images)
        return move_samples_back(batch, self.moves(*batch.shape[1:])).view(images.shape)

    def moves(self, channels: int, height: int, width: int) -> SampleMoves:
        """Return what becomes of the samples of a picture of shape (channels, height, width).

        Raises:
            ValueError: If a side is no multiple of the block's.
        """
        return _moves(self, channels, height, width)


@lru_cache(maxsize=3)  # one for each of the methods that share it
def _moves(scrambling: BlockScrambling, channels: int, height: int, width: int) -> SampleMoves:
    key, purpose = scrambling.key, scrambling.purpose
    # A picture of the samples' own numbers is scrambled: what lies at a place afterwards says what comes to it.
    numbers = torch.arange(channels * height * width, dtype=torch.int32).view(1, channels, height, width)
    blocks = split_blocks(numbers, scrambling.block)[0]
    count = len(blocks)
    blocks = blocks[keyed_permutations(key, f"{purpose} positions", count, 1)[0]]
    turns = keyed_integers(key, f"{purpose} turns", 4, count)
    mirrors = keyed_integers(key, f"{purpose} mirrors", len(_MIRRORS), count)
    symmetry = _symmetries(scrambling.block)[turns * len(_MIRRORS) + mirrors]
    blocks = blocks.flatten(2).gather(2, symmetry[:, None].expand(-1, channels, -1)).view(blocks.shape)
    if scrambling.shuffle_channels:
        orders = torch.from_numpy(CHANNEL_ORDERS[keyed_integers(key, f"{purpose} colours", 6, count)])
        blocks = blocks.gather(1, orders[:, :, None, None].expand_as(blocks))
    negative = torch.from_numpy(keyed_choices(key, f"{purpose} negatives", scrambling.negative_share, count))
    flips = (255 * negative.byte())[:, None, None, None].expand(blocks.shape)
    sources, masks = (join_blocks(part[None], height, width).flatten() for part in (blocks, flips))
    return SampleMoves(sources, masks)


def _symmetries(block: int) -> Tensor:
    """Return which pixel comes to each place of a block, for all turns and mirrors, shape (16, block^2)."""
    numbers = torch.arange(block**2).view(block, block)
    return torch.stack([torch.rot90(numbers, turn).flip(axes).flatten() for turn in range(4) for axes in _MIRRORS])
