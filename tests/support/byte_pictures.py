"""Pictures as bytes that are the same with every version of every library, for digests that are pinned."""

import torch
from torch import Tensor


def byte_picture(height: int, width: int, seed: int = 0) -> Tensor:
    """Return a picture of slow waves and a little grain, uint8, shape (3, height, width), by integers alone."""
    channel, row, column = torch.meshgrid(torch.arange(3), torch.arange(height), torch.arange(width), indexing="ij")
    slow = 90 * channel + 3 * row + 2 * column + 37 * seed
    triangle = (slow % 320 - 160).abs() + 40
    return (triangle + (row * 31 + column * 17 + channel * 5 + seed) * 7919 % 13).to(torch.uint8)
