"""Histograms of oriented gradients inside blocks: the features that EM-HOG keeps."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from miais.obfuscation.blocks import split_blocks
from miais.obfuscation.pictures import as_batch

_BINS = 8
"""Over half a turn. An even number, so that a quarter turn shifts by whole bins."""


def block_hog(images: Tensor, *, block: int = 16) -> Tensor:
    """Describe each block by how strong its gradients are in which directions.

    Gradients are central differences that look at no other block: beyond its border a block's edge repeats. Their
    directions count without sign, so that inverting a picture changes nothing. Bins lie around multiples of 22.5
    degrees, so that a mirrored or turned block has the same histogram with its bins in another order: no gradient of a
    picture, a quotient of integers, lies on the border of two bins.

    Args:
        images: Bytes, shape (3, H, W) or (N, 3, H, W); H and W are multiples of `block`.
        block: Side of a block in pixels.

    Returns:
        Shape (N, B, 8), float64: sums of gradient lengths over pixels and channels, scaled to length 1 in each of the B
        blocks; a flat block has zeros.

    Raises:
        TypeError: If the pictures are not bytes.
        ValueError: If their shape is another.

    References:
        Dalal, Triggs, Histograms of Oriented Gradients for Human Detection, CVPR 2005.

    Example:
        >>> ramp = torch.arange(8, dtype=torch.uint8).expand(3, 8, 8)
        >>> block_hog(ramp, block=8)
        tensor([[[1., 0., 0., 0., 0., 0., 0., 0.]]], dtype=torch.float64)
    """
    blocks = split_blocks(as_batch(images), block).double()
    padded = F.pad(blocks.flatten(0, 1), (1, 1, 1, 1), mode="replicate").view(*blocks.shape[:3], block + 2, block + 2)
    down = padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
    across = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]
    bins = torch.atan2(down, across).mul(_BINS / math.pi).round().long() % _BINS
    histograms = blocks.new_zeros(*blocks.shape[:2], _BINS)
    histograms.scatter_add_(2, bins.flatten(2), torch.hypot(down, across).flatten(2))
    return F.normalize(histograms, dim=2)
