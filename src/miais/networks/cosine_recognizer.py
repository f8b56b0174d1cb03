"""What our light recognisers share: an embedding of one length, and a cosine head."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.networks.recognition import Recognition


class CosineRecognizer(nn.Module):
    """Embedding and head; a subclass says what features of an image they get.

    Args:
        num_identities: K, classes of the head.
        features: Number of features.
        image_size: Side S of the square images in pixels.
        embedding_dim: D.
        scale: Length of every embedding, so that distances lie in [0, 2 * scale], as in the authors' code.
        logit_scale: The head's logits are logit_scale * scale * cosine.
        dropout: On the features.

    Shape:
        image (N, 3, S, S) in [0, 1] -> ``Recognition(embedding (N, D), logits (N, K))``.

    Raises:
        ValueError: If a number is not positive.
    """

    def __init__(
        self,
        num_identities: int,
        features: int,
        *,
        image_size: int,
        embedding_dim: int,
        scale: float,
        logit_scale: float,
        dropout: float,
    ) -> None:
        super().__init__()
        if min(num_identities, features, embedding_dim) < 1 or scale <= 0:
            raise ValueError(
                "expected num_identities, embedding_dim and width of at least 1 and scale > 0, got "
                f"{num_identities}, {embedding_dim}, {features / 8:g} and {scale}"
            )
        self.image_size, self.scale, self.logit_scale = image_size, scale, logit_scale
        self.dropout = nn.Dropout(dropout)
        self.to_embedding = nn.Linear(features, embedding_dim, bias=False)
        self.embedding_norm = nn.BatchNorm1d(embedding_dim, affine=False)
        self.head = nn.Parameter(torch.empty(num_identities, embedding_dim))
        nn.init.normal_(self.head, std=embedding_dim**-0.5)

    def features(self, image: Tensor) -> Tensor:
        """Return the features of each image, shape (N, features)."""
        raise NotImplementedError

    @property
    def logit_range(self) -> float:
        """Logits lie in [-logit_range, logit_range]; a cosine margin is a share of it."""
        return self.scale * self.logit_scale

    def forward(self, image: Tensor) -> Recognition:
        """Embed and classify."""
        if image.shape[-2:] != (self.image_size, self.image_size):
            side = self.image_size
            raise ValueError(f"expected images of shape (N, 3, {side}, {side}), got {tuple(image.shape)}; resize them")
        raw = self.embedding_norm(self.to_embedding(self.dropout(self.features(image))))
        unit = F.normalize(raw.float())
        with torch.autocast(image.device.type, enabled=False):  # bf16 logits near 32 would be an eighth apart
            logits = self.logit_range * F.linear(unit, F.normalize(self.head))
        return Recognition(self.scale * unit, logits)
