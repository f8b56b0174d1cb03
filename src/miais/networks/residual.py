"""Our light steg-generator: the container is the cover plus a small, bounded residual.

It sees the cover, so it can put the change where the picture is busy, and works at several scales, so that what must
survive a resize can go into the coarse ones. Sized for two CPU cores at about 128 px.
"""

import torch
from torch import Tensor, nn

from miais.networks.multi_scale import MultiScaleBody


class ResidualGenerator(nn.Module):
    """Bounded-residual, multi-scale steg-generator h of Eq. 1.

    Args:
        image_size: Side S of the square images in pixels, a multiple of 16.
        width: Channels at half resolution, a multiple of 8.
        bound: Largest change of a sample before any PSNR budget, a share of the range in (0, 1].

    Shape:
        secret, cover (N, 3, S, S) in [0, 1] -> container (N, 3, S, S) in [0, 1].
    """

    def __init__(self, image_size: int = 128, *, width: int = 32, bound: float = 0.1) -> None:
        super().__init__()
        if image_size % 16 or image_size < 16:
            raise ValueError(f"expected an image_size that is a multiple of 16, got {image_size}")
        if not 0 < bound <= 1:
            raise ValueError(f"expected a bound in (0, 1], got {bound}")
        self.image_size, self.bound = image_size, bound
        self.body = MultiScaleBody(6, 3, width)

    def forward(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Hide each secret in its cover."""
        if secret.shape != cover.shape or secret.shape[-2:] != (self.image_size, self.image_size):
            raise ValueError(
                f"expected secret and cover of shape (N, 3, {self.image_size}, {self.image_size}), got "
                f"{tuple(secret.shape)} and {tuple(cover.shape)}"
            )
        pair = torch.cat([cover, secret], dim=1) * 2 - 1
        return (cover + self.bound * torch.tanh(self.body(pair))).clamp(0, 1)
