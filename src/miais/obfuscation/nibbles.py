"""Blocks of a picture as half bytes: the low ones of all values first, then the high ones."""

import torch
from torch import Tensor

from miais.obfuscation.blocks import join_blocks, split_blocks


def split_nibbles(images: Tensor, block: int) -> Tensor:
    """Cut pictures into blocks, and their bytes in two.

    Args:
        images: Bytes, shape (N, 3, H, W).
        block: Side of a block in pixels, b.

    Returns:
        Shape (N, B, 6 b^2), range [0, 15]: of each block, in row-major order, the low halves of its values by row,
        column and channel, then the high halves.

    Raises:
        ValueError: If a side is no multiple of `block`.

    Example:
        >>> images = torch.tensor([0x12, 0x34, 0x56], dtype=torch.uint8).view(1, 3, 1, 1)
        >>> split_nibbles(images, 1).tolist()
        [[[2, 4, 6, 1, 3, 5]]]
    """
    values = split_blocks(images, block).permute(0, 1, 3, 4, 2).flatten(2)
    return torch.cat([values & 15, values >> 4], dim=2)


def join_nibbles(nibbles: Tensor, block: int, height: int, width: int) -> Tensor:
    """Make pictures of height and width again of what `split_nibbles` gave."""
    low, high = nibbles.chunk(2, dim=2)
    values = (low | high << 4).unflatten(2, (block, block, 3))
    return join_blocks(values.permute(0, 1, 4, 2, 3), height, width)
