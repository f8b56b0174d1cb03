"""Our steg-restorer on a lattice: the picture as read, and a small network that takes the noise off it."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from miais.networks.lattice.picture import LatticePicture
from miais.networks.multi_scale import MultiScaleBody


class LatticeRestorer(nn.Module):
    """Steg-restorer r of Eq. 3.

    Args:
        image_size: Side S of the secrets in pixels, a multiple of 16.
        picture: Arguments of the `LatticePicture`, as the generator's.
        width: Channels at half resolution, a multiple of 8.

    Shape:
        container (N, 3, H, W), any size, in [0, 1] -> restored secret (N, 3, S, S) in [0, 1].
    """

    full_size = True

    def __init__(self, image_size: int = 112, *, picture: Mapping[str, Any], width: int = 32) -> None:
        super().__init__()
        self.image_size = image_size
        self.picture = LatticePicture(**picture)
        self.body = MultiScaleBody(3, 3, width)
        for parameter in self.body.leave.parameters():
            nn.init.zeros_(parameter)

    def forward(self, container: Tensor) -> Tensor:
        """Restore the secret of each container."""
        read = self.picture.read(container, self.image_size)
        return (read + self.body(read * 2 - 1)).clamp(0, 1)
