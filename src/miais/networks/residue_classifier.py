"""Our light steg-classifier: it looks at an image and at the image's clipped high-pass residues."""

from torch import Tensor, nn

from miais.networks.cosine_recognizer import CosineRecognizer
from miais.networks.high_pass import HighPassFront
from miais.networks.residue_trunk import residue_trunk, weighting_of_places


class ResidueClassifier(CosineRecognizer):
    """Light steg-classifier: high-pass front, a small residual trunk, an embedding and a cosine head.

    Args:
        num_identities: K, classes of the head.
        image_size: Side S of the square images in pixels, a multiple of 16.
        embedding_dim: D.
        width: Channels after the first layer; the trunk doubles them three times.
        blocks: Residual blocks in each of the three inner stages.
        scale: Length of every embedding, so that distances lie in [0, 2 * scale], as in the authors' code.
        logit_scale: The head's logits are logit_scale * scale * cosine.
        dropout: On the features in front of the embedding layer.

    Shape:
        image (N, 3, S, S) in [0, 1] -> ``Recognition(embedding (N, D), logits (N, K))``.
    """

    def __init__(
        self,
        num_identities: int,
        *,
        image_size: int = 128,
        embedding_dim: int = 128,
        width: int = 32,
        blocks: int = 1,
        scale: float = 10.0,
        logit_scale: float = 3.2,
        dropout: float = 0.3,
    ) -> None:
        if image_size % 16 or image_size < 16:
            raise ValueError(f"expected an image_size that is a multiple of 16, got {image_size}")
        super().__init__(
            num_identities,
            8 * width,
            image_size=image_size,
            embedding_dim=embedding_dim,
            scale=scale,
            logit_scale=logit_scale,
            dropout=dropout,
        )
        self.front = HighPassFront()
        self.trunk = residue_trunk(width, blocks)
        self.pool = weighting_of_places(8 * width, image_size // 16)
        self.norm = nn.BatchNorm1d(8 * width)

    def features(self, image: Tensor) -> Tensor:
        """Return the features of each image, shape (N, 8 * width)."""
        features: Tensor = self.norm(self.pool(self.trunk(self.front(image))).flatten(1))
        return features
