"""BWS, block-wise shuffle: the pixels inside every block change places, with no thought for privacy."""

from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor

from miais.obfuscation.blocks import check_block, join_blocks, split_blocks
from miais.obfuscation.keyed_draws import check_key, keyed_permutations
from miais.obfuscation.pictures import as_batch
from miais.obfuscation.sample_moves import SampleMoves, move_samples, move_samples_back


@dataclass(frozen=True)
class BlockShuffle:
    """Permute the pixels of each block; a picture stays visible, a little coarser.

    What MIAIS prints fits pixels that move inside 4x4 blocks, not blocks that move; and either a picture that is
    shuffled at a smaller size than it is looked at, or values that move without regard to their colour.

    Key draw: the permutation, or where each block has its own, those of all blocks in row-major order.

    Attributes:
        key: 32 bytes.
        block: Side of a block in pixels; the pictures' sides are multiples of it.
        values: Whether all values of a block move on their own, by row, column and channel, instead of whole pixels.
        per_block_key: Whether every block has its own permutation.

    Raises:
        TypeError, ValueError: If the key is none or the block is below one pixel.

    Example:
        >>> images = torch.arange(48, dtype=torch.uint8).view(3, 4, 4)
        >>> method = BlockShuffle(bytes(32))
        >>> torch.equal(method(images), images), torch.equal(method.inverse(method(images)), images)
        (False, True)
    """

    key: bytes = field(repr=False)
    block: int = 4
    values: bool = False
    per_block_key: bool = False

    def __post_init__(self) -> None:
        check_key(self.key)
        check_block(self.block)

    def __call__(self, images: Tensor) -> Tensor:
        """Shuffle the pictures; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        batch = as_batch(images)
        return move_samples(batch, _moves(self, *batch.shape[-2:])).view(images.shape)

    def inverse(self, images: Tensor) -> Tensor:
        """Give back exactly what was shuffled; the same shapes."""
        batch = as_batch(images)
        return move_samples_back(batch, _moves(self, *batch.shape[-2:])).view(images.shape)


@lru_cache(maxsize=1)
def _moves(method: BlockShuffle, height: int, width: int) -> SampleMoves:
    numbers = torch.arange(3 * height * width, dtype=torch.int32).view(1, 3, height, width)
    # By row, column and channel, so that neighbours in threes are the values of a pixel.
    blocks = split_blocks(numbers, method.block)[0].permute(0, 2, 3, 1)
    items = blocks.reshape(len(blocks), -1, 1 if method.values else 3)
    keys = len(items) if method.per_block_key else 1
    order = torch.from_numpy(keyed_permutations(method.key, "bws permutations", items.shape[1], keys))
    shuffled = items.gather(1, order[:, :, None].expand(items.shape)).view(blocks.shape)
    sources = join_blocks(shuffled.permute(0, 3, 1, 2)[None], height, width).flatten()
    return SampleMoves(sources, torch.zeros(len(sources), dtype=torch.uint8))
