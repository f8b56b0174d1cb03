"""The attackers' networks: from a container, or from an embedding, to the face."""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.image import resize
from miais.networks.multi_scale import MultiScaleBody
from miais.networks.residue_classifier import HighPassFront

_STAGES = 4


class Inverter(nn.Module):
    """A U-Net that sees a container at full size, with its high-pass residues, and draws the secret.

    Resizing would destroy what is hidden, so pixels become channels instead: once here, and once more in the body.

    Args:
        image_size: S, side of the secrets in pixels.
        width: Channels of the body at a quarter of the container's resolution, a multiple of 8.

    Shape:
        container (N, 3, H, W) in [0, 1], H and W multiples of 32 -> secret (N, 3, S, S) in [0, 1].
    """

    def __init__(self, image_size: int, *, width: int = 24) -> None:
        super().__init__()
        self.image_size = image_size
        self.front = HighPassFront()
        self.body = MultiScaleBody(4 * self.front.channels, 3, width)

    def forward(self, container: Tensor) -> Tensor:
        """Draw the secret of each container."""
        if container.ndim != 4 or container.shape[-2] % 32 or container.shape[-1] % 32:
            raise ValueError(
                f"expected containers (N, 3, H, W) with sides that are multiples of 32, got {tuple(container.shape)}"
            )
        drawn = torch.sigmoid(self.body(F.pixel_unshuffle(self.front(container), 2)))  # (N, 3, H/2, W/2)
        return resize(drawn, (self.image_size, self.image_size))


class EmbeddingDecoder(nn.Module):
    """Draws the secret from an embedding: a linear layer, then four upsampling convolutions.

    Args:
        embedding_dim: D.
        image_size: S, side of the secrets in pixels.
        width: Channels after the last upsampling; doubled at each coarser scale.

    Shape:
        unit vectors (N, D) -> secret (N, 3, S, S) in [0, 1].
    """

    def __init__(self, embedding_dim: int, image_size: int, *, width: int = 16) -> None:
        super().__init__()
        self.image_size = image_size
        self.side = -(-image_size // 2**_STAGES)
        widths = [width * 2**level for level in reversed(range(_STAGES + 1))]
        self.enter = nn.Linear(embedding_dim, widths[0] * self.side**2)
        stages: list[nn.Module] = []
        for coarse, fine in itertools.pairwise(widths):
            stages += [
                nn.Upsample(scale_factor=2.0, mode="nearest"),
                nn.Conv2d(coarse, fine, 3, padding=1, bias=False),
                nn.GroupNorm(1, fine),  # of all channels: more groups would take the shade out of a picture
                nn.LeakyReLU(0.1, inplace=True),
            ]
        self.body = nn.Sequential(*stages, nn.Conv2d(widths[-1], 3, 3, padding=1))

    def forward(self, embedding: Tensor) -> Tensor:
        """Draw the secret of each embedding."""
        # Components of a unit vector are small: near 1 the first layer starts at its right scale.
        features = self.enter(embedding * embedding.shape[1] ** 0.5).unflatten(1, (-1, self.side, self.side))
        return resize(torch.sigmoid(self.body(features).float()), (self.image_size, self.image_size))
