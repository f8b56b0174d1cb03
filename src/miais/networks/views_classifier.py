"""Our recogniser of plain secrets: it looks at the whole picture and at closer and closer cuts of its middle.

The whole shows hair and shoulders, a cut shows the features at a finer scale, and the two err on different people.

References:
    Sun et al., Deep learning face representation from predicting 10,000 classes, CVPR 2014 (many cuts of a face).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from miais.networks.cosine_recognizer import CosineRecognizer
from miais.networks.high_pass import HighPassFront
from miais.networks.residue_trunk import residue_trunk, weighting_of_places


class _View(nn.Module):
    """Features of the middle of a picture, (N, 3, S, S) -> (N, 8 * width)."""

    def __init__(self, side: int, width: int, blocks: int) -> None:
        super().__init__()
        self.side = side
        self.front = HighPassFront()
        self.trunk = residue_trunk(width, blocks)
        self.pool = weighting_of_places(8 * width, side // 16)
        self.norm = nn.BatchNorm1d(8 * width)

    def forward(self, image: Tensor) -> Tensor:
        start = (image.shape[-1] - self.side) // 2
        cut = image[..., start : start + self.side, start : start + self.side]
        seen = self.front(cut).contiguous(memory_format=torch.channels_last)
        features: Tensor = self.norm(self.pool(self.trunk(seen)).flatten(1))
        return features


class ViewsClassifier(CosineRecognizer):
    """Several light trunks, each on its cut of the picture, one embedding and a cosine head.

    Args:
        num_identities: K, classes of the head.
        image_size: Side S of the square images in pixels, a multiple of 16.
        sides: Side of each cut, pixels, multiples of 16 and at most S.
        embedding_dim: D.
        width: Channels after the first layer of each trunk.
        blocks: Residual blocks in each of the three inner stages.
        scale: Length of every embedding.
        logit_scale: The head's logits are logit_scale * scale * cosine.
        dropout: On the features in front of the embedding layer.

    Shape:
        image (N, 3, S, S) in [0, 1] -> ``Recognition(embedding (N, D), logits (N, K))``.
    """

    def __init__(
        self,
        num_identities: int,
        *,
        image_size: int = 112,
        sides: Sequence[int] = (112, 80),
        embedding_dim: int = 128,
        width: int = 32,
        blocks: int = 1,
        scale: float = 10.0,
        logit_scale: float = 3.2,
        dropout: float = 0.4,
    ) -> None:
        if not sides or any(side % 16 or not 16 <= side <= image_size for side in sides):
            raise ValueError(f"expected sides that are multiples of 16 up to the image_size {image_size}, got {sides}")
        super().__init__(
            num_identities,
            8 * width * len(sides),
            image_size=image_size,
            embedding_dim=embedding_dim,
            scale=scale,
            logit_scale=logit_scale,
            dropout=dropout,
        )
        self.views = nn.ModuleList(_View(side, width, blocks) for side in sides)

    def features(self, image: Tensor) -> Tensor:
        """Return the features of all views, shape (N, 8 * width * views)."""
        return torch.cat([view(image) for view in self.views], dim=1)
