"""Samples that change places and flip bits, and the way back: what most methods come to once their key is drawn."""

from typing import NamedTuple

from torch import Tensor


class SampleMoves(NamedTuple):
    """What becomes of the S samples of a picture, in the order of its memory.

    Attributes:
        sources: Which sample comes to each place, a permutation of 0 to S - 1, int32, shape (S,).
        flips: Bits that are then inverted there, uint8, shape (S,).
    """

    sources: Tensor
    flips: Tensor


def move_samples(images: Tensor, moves: SampleMoves) -> Tensor:
    """Move and flip the samples of every picture.

    Args:
        images: Bytes, shape (N, ...), S samples each.
        moves: What to do; on any device.

    Returns:
        The same shape.

    Example:
        >>> import torch
        >>> moves = SampleMoves(torch.tensor([2, 0, 1]).int(), torch.tensor([0, 255, 0]).byte())
        >>> move_samples(torch.tensor([[1, 2, 3]]).byte(), moves).tolist()
        [[3, 254, 2]]
    """
    moved = images.flatten(1).index_select(1, moves.sources.to(images.device)) ^ moves.flips.to(images.device)
    return moved.view(images.shape)


def move_samples_back(images: Tensor, moves: SampleMoves) -> Tensor:
    """Undo `move_samples`: arguments and result as there."""
    flat = images.flatten(1) ^ moves.flips.to(images.device)
    back = flat.new_empty(flat.shape).index_copy_(1, moves.sources.to(images.device).long(), flat)
    return back.view(images.shape)
