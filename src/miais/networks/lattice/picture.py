"""A whole picture as the message of a lattice: each value of each channel is a symbol."""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.networks.lattice.channel import LatticeChannel

_SPAN = 0.85
"""Black and white are that share of a cycle apart: noise must not turn one into the other."""


class LatticePicture(nn.Module):
    """Sends pictures through a `LatticeChannel` of pixels; a cover with little room gets a smaller picture.

    Args:
        channel: Arguments of the `LatticeChannel`; its carrier is "pixels".
    """

    def __init__(self, **channel: Any) -> None:
        super().__init__()
        self.channel = LatticeChannel(**channel)

    def write(self, picture: Tensor, cover: Tensor, *, strength: float = 1.0) -> Tensor:
        """Write pictures (N, 3, S, S) in [0, 1] into covers (N, 3, H, W)."""
        side = self._side(cover, picture.shape[-1])
        message = _SPAN * (_resized(picture, side) - 0.5)
        return self.channel.write(message.flatten(1), cover, strength=strength)

    def read(self, container: Tensor, size: int) -> Tensor:
        """Read pictures of shape (N, 3, size, size) in [0, 1] from containers (N, 3, H, W)."""
        side = self._side(container, size)
        cosine, sine = self.channel.read(container, 3 * side * side).unbind(dim=2)
        cycles = torch.atan2(sine, cosine) / (2 * math.pi)
        picture = (cycles / _SPAN + 0.5).clamp(0, 1).reshape(-1, 3, side, side)
        return _resized(picture, size)

    def _side(self, images: Tensor, size: int) -> int:
        room = self.channel.room(images[0].numel())
        if room < 3:
            raise ValueError(f"expected a cover with room for a picture, got {images.shape[-1]}x{images.shape[-2]} px")
        return min(size, math.isqrt(room // 3))


def _resized(picture: Tensor, side: int) -> Tensor:
    if picture.shape[-1] == side:
        return picture
    return F.interpolate(picture, size=(side, side), mode="bilinear", antialias=True)
