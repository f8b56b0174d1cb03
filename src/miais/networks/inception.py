"""The steg-classifier: a convolutional trunk (Inception-v3 in the paper), an embedding head and an identity head."""

import difflib
from typing import cast

import timm
import torch.nn.functional as F
from torch import Tensor, nn

from miais.networks.recognition import Recognition

# Below this their unpadded stride-2 stages run out of pixels.
SMALLEST_SIZE = {"inception_v3": 75, "inception_v4": 75, "inception_resnet_v2": 75}


class InceptionClassifier(nn.Module):
    """Recognise the person on an image, plain secret or container alike: forward(image) -> Recognition.

    Trunk with global pooling, dropout, linear F-D, dropout on the embedding, L2 normalisation, times `scale`, linear
    D-K. The embedding that `forward` returns is the scaled one, what v(·) means in Eq. 5: the input of the last fully
    connected layer, of length `scale`, so that two of them are at most 2 * `scale` apart.

    The trunk starts from timm's random initialisation, never from downloaded weights, and sees images in [-1, 1]: the
    rescaling from [0, 1] happens in here, the same for secrets and containers.

    To train a generator against this network at less cost, freeze it by `requires_grad_(False)`: gradients still reach
    the image, while those of the weights are neither computed nor stored.

    Args:
        num_identities: Number K of identities of the training set.
        embedding_dim: Length D of the embedding.
        backbone: Name of any timm model. A convolutional one takes any image size; the Inceptions need 75 pixels.
        scale: Length of the embedding vector.
        dropout: Probability of dropping a feature, before and after the embedding layer, in [0, 1).

    Shape:
        - image: (N, 3, H, W), range [0, 1].
        - embedding: (N, D), length `scale`; logits: (N, K).

    Raises:
        ValueError: If the backbone is unknown (the message names near ones) or another argument out of range; in
            `forward`, if the image has another shape or is too small for the backbone.

    References:
        Cui et al., Multitask Identity-Aware Image Steganography via Minimax Optimization, 2021.
        Szegedy et al., Rethinking the Inception Architecture for Computer Vision, CVPR 2016.

    Example:
        >>> import torch
        >>> classifier = InceptionClassifier(num_identities=10, backbone="resnet18").eval()
        >>> embedding, logits = classifier(torch.rand(2, 3, 64, 64))
        >>> embedding.shape, logits.shape, embedding.norm(dim=1).round(decimals=3)
        (torch.Size([2, 128]), torch.Size([2, 10]), tensor([10., 10.], grad_fn=<RoundBackward1>))
    """

    def __init__(
        self,
        num_identities: int,
        embedding_dim: int = 128,
        backbone: str = "inception_v3",
        scale: float = 10.0,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if num_identities < 1 or embedding_dim < 1:
            raise ValueError(
                "num_identities and embedding_dim must be at least 1, "
                f"got num_identities={num_identities}, embedding_dim={embedding_dim}"
            )
        if scale <= 0 or not 0 <= dropout < 1:
            raise ValueError(f"expected scale > 0 and dropout in [0, 1), got scale={scale}, dropout={dropout}")
        if not timm.is_model(backbone):
            near = difflib.get_close_matches(backbone, timm.list_models()) or ["inception_v3", "resnet18"]
            raise ValueError(f"timm has no model {backbone!r}; did you mean {', '.join(near)}?")
        self.smallest_size = SMALLEST_SIZE.get(backbone.split(".")[0], 1)
        self.backbone = backbone
        self.scale = scale
        self.trunk = timm.create_model(backbone, pretrained=False, num_classes=0)
        self.dropout = nn.Dropout(dropout)
        self.embedding = nn.Linear(cast(int, self.trunk.head_hidden_size), embedding_dim)
        self.head = nn.Linear(embedding_dim, num_identities)

    def forward(self, image: Tensor) -> Recognition:
        """Embed and classify."""
        if image.dim() != 4 or image.shape[1] != 3:
            raise ValueError(f"image must have shape (N, 3, H, W), got {tuple(image.shape)}")
        if min(image.shape[-2:]) < self.smallest_size:
            raise ValueError(
                f"{self.backbone} needs images of at least {self.smallest_size} px, got "
                f"{image.shape[-2]}x{image.shape[-1]}: use a larger image_size or another backbone, such as resnet18"
            )
        features = self.dropout(self.trunk(image * 2 - 1))
        embedding = F.normalize(self.dropout(self.embedding(features)).to(image.dtype)) * self.scale
        return Recognition(embedding, self.head(embedding))
