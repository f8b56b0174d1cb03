"""Our light steg-restorer: high-pass residues in, the secret out."""

import torch
from torch import Tensor, nn

from miais.networks.multi_scale import MultiScaleBody
from miais.networks.residue_classifier import HighPassFront


class ResidueRestorer(nn.Module):
    """Steg-restorer r of Eq. 3 that looks at an image and at its clipped high-pass residues.

    Args:
        image_size: Side S of the square images in pixels, a multiple of 16.
        width: Channels at half resolution, a multiple of 8.

    Shape:
        container (N, 3, S, S) in [0, 1] -> restored secret (N, 3, S, S) in [0, 1].
    """

    def __init__(self, image_size: int = 128, *, width: int = 32) -> None:
        super().__init__()
        if image_size % 16 or image_size < 16:
            raise ValueError(f"expected an image_size that is a multiple of 16, got {image_size}")
        self.image_size = image_size
        self.front = HighPassFront()
        self.body = MultiScaleBody(self.front.channels, 3, width)

    def forward(self, container: Tensor) -> Tensor:
        """Restore the secret of each container."""
        if container.shape[-2:] != (self.image_size, self.image_size):
            raise ValueError(
                f"expected containers of {self.image_size}x{self.image_size} px, got {tuple(container.shape)}"
            )
        return torch.sigmoid(self.body(self.front(container)))
