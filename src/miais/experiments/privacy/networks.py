"""The attackers' networks: from a container, or from an embedding, to the face.

Both draw how a face differs from the mean of those that the attacker knows, so that none of the time goes into that.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.image import resize
from miais.networks.multi_scale import MultiScaleBody
from miais.networks.residue_classifier import HighPassFront

_STAGES = 4
_DARKEST = 0.01
_FIRST_STROKE = 1e-3


class _Drawing(nn.Module):
    """From what a network makes of its input, (N, 3, h, w), to pictures (N, 3, S, S): the mean where that is zero."""

    usual: Tensor

    def __init__(self, mean: Tensor, last: nn.Conv2d) -> None:
        super().__init__()
        self.register_buffer("usual", mean.clamp(_DARKEST, 1 - _DARKEST).logit())
        nn.init.normal_(last.weight, std=_FIRST_STROKE)
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]

    def forward(self, strokes: Tensor) -> Tensor:
        _, height, width = self.usual.shape
        return torch.sigmoid(self.usual + resize(strokes.float(), (height, width)))


class Inverter(nn.Module):
    """A U-Net that sees a container at full size, with its high-pass residues, and draws the secret.

    Resizing would destroy what is hidden, so pixels become channels instead: once here, and once more in the body.

    Args:
        mean: Of the secrets that the attacker knows, shape (3, S, S), range [0, 1].
        width: Channels of the body at a quarter of the container's resolution, a multiple of 8.

    Shape:
        container (N, 3, H, W) in [0, 1], H and W multiples of 32 -> secret (N, 3, S, S) in [0, 1].
    """

    def __init__(self, mean: Tensor, *, width: int = 24) -> None:
        super().__init__()
        self.front = HighPassFront()
        self.body = MultiScaleBody(4 * self.front.channels, 3, width)
        self.drawing = _Drawing(mean, self.body.leave)

    def forward(self, container: Tensor) -> Tensor:
        """Draw the secret of each container."""
        if container.ndim != 4 or container.shape[-2] % 32 or container.shape[-1] % 32:
            raise ValueError(
                f"expected containers (N, 3, H, W) with sides that are multiples of 32, got {tuple(container.shape)}"
            )
        return self.drawing(self.body(F.pixel_unshuffle(self.front(container), 2)))  # of (N, 3, H/2, W/2)


class EmbeddingDecoder(nn.Module):
    """Draws the secret from an embedding: a linear layer, then four upsampling convolutions.

    Args:
        embedding_dim: D.
        mean: Of the secrets that the attacker knows, shape (3, S, S), range [0, 1].
        width: Channels after the last upsampling; doubled at each coarser scale.

    Shape:
        unit vectors (N, D) -> secret (N, 3, S, S) in [0, 1].
    """

    def __init__(self, embedding_dim: int, mean: Tensor, *, width: int = 16) -> None:
        super().__init__()
        self.side = -(-mean.shape[-1] // 2**_STAGES)
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
        last = nn.Conv2d(widths[-1], 3, 3, padding=1)
        self.body = nn.Sequential(*stages, last)
        self.drawing = _Drawing(mean, last)

    def forward(self, embedding: Tensor) -> Tensor:
        """Draw the secret of each embedding."""
        # Components of a unit vector are small: near 1 the first layer starts at its right scale.
        features = self.enter(embedding * embedding.shape[1] ** 0.5).unflatten(1, (-1, self.side, self.side))
        return self.drawing(self.body(features))
