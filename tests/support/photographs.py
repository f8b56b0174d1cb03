"""Photographs that scikit-image bundles, as pictures in memory, and scenes made of them."""

import torch
from skimage import data
from torch import Tensor

from miais.image import from_uint8, resize


def photograph(name: str, longest: int) -> Tensor:
    """Return a photograph of `skimage.data`, reduced, float (3, H, W)."""
    pixels = torch.from_numpy(getattr(data, name)()[..., :3].copy()).permute(2, 0, 1)
    height, width = pixels.shape[1:]
    shrink = longest / max(height, width)
    return resize(from_uint8(pixels), (round(height * shrink), round(width * shrink)))


def side_by_side(*pictures: Tensor) -> Tensor:
    """Put pictures beside each other on grey, their upper edges in line."""
    height, width = max(each.shape[1] for each in pictures), sum(each.shape[2] for each in pictures)
    scene = torch.full((3, height, width), 0.5)
    left = 0
    for each in pictures:
        scene[:, : each.shape[1], left : left + each.shape[2]] = each
        left += each.shape[2]
    return scene
