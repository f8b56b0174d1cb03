"""Our light steg-classifier: it looks at an image and at the image's clipped high-pass residues.

The residues are where a change of one grey level is not drowned by the picture, the idea of rich-model steganalysis
(Fridrich & Kodovsky, IEEE TIFS 7(3), 2012). Sized for two CPU cores at about 128 px.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.networks.recognition import Recognition

# First order (right, down), second order (horizontal, vertical), Laplacian.
HIGH_PASS_KERNELS = (
    ((0, 0, 0), (0, -1, 1), (0, 0, 0)),
    ((0, 0, 0), (0, -1, 0), (0, 1, 0)),
    ((0, 0, 0), (1, -2, 1), (0, 0, 0)),
    ((0, 1, 0), (0, -2, 0), (0, 1, 0)),
    ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
)


class HighPassFront(nn.Module):
    """An image beside its clipped high-pass residues: (N, 3, H, W) in [0, 1] -> (N, 18, H, W).

    Args:
        gain: Factor on the residues before clipping.
        clip: Residues are clipped to [-clip, clip], so that the picture's edges do not hide the small changes.
    """

    channels = 3 * (1 + len(HIGH_PASS_KERNELS))
    kernels: Tensor

    def __init__(self, gain: float = 8.0, clip: float = 3.0) -> None:
        super().__init__()
        self.gain, self.clip = gain, clip
        kernels = torch.tensor(HIGH_PASS_KERNELS, dtype=torch.float32).unsqueeze(1)  # (5, 1, 3, 3)
        self.register_buffer("kernels", kernels.repeat(3, 1, 1, 1), persistent=False)  # (15, 1, 3, 3), per channel

    def forward(self, image: Tensor) -> Tensor:
        """Append the residues."""
        # Full precision: under bf16 autocast a fraction of a grey level would round away, and resizing leaves no more.
        with torch.autocast(image.device.type, enabled=False):
            image = image.float()
            residues = F.conv2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), self.kernels, groups=3)
            return torch.cat([image * 2 - 1, (residues * self.gain).clamp(-self.clip, self.clip)], dim=1)


class _Block(nn.Sequential):
    """3x3 convolution, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        super().__init__(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class _ResidualBlock(nn.Module):
    """relu(x + f(x)), f two batch-normalised convolutions that start as zero."""

    def __init__(self, width: int) -> None:
        super().__init__()
        last_norm = nn.BatchNorm2d(width)
        nn.init.zeros_(last_norm.weight)
        self.body = nn.Sequential(_Block(width, width), nn.Conv2d(width, width, 3, padding=1, bias=False), last_norm)

    def forward(self, features: Tensor) -> Tensor:
        return F.relu(features + self.body(features))


class ResidueClassifier(nn.Module):
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
        super().__init__()
        if image_size % 16 or image_size < 16:
            raise ValueError(f"expected an image_size that is a multiple of 16, got {image_size}")
        if min(num_identities, embedding_dim, width) < 1 or scale <= 0:
            raise ValueError(
                "expected num_identities, embedding_dim and width of at least 1 and scale > 0, got "
                f"{num_identities}, {embedding_dim}, {width} and {scale}"
            )
        self.image_size, self.scale, self.logit_scale = image_size, scale, logit_scale
        self.front = HighPassFront()
        stages: list[nn.Module] = [_Block(self.front.channels, width, 2)]
        for level in range(3):
            inputs, outputs = width * 2**level, width * 2 ** (level + 1)
            stages += [_Block(inputs, outputs, 2), *(_ResidualBlock(outputs) for _ in range(blocks))]
        self.trunk = nn.Sequential(*stages)
        features = width * 8
        # A learned weighting of places instead of their mean: faces are aligned, so where matters.
        self.pool = nn.Conv2d(features, features, image_size // 16, groups=features, bias=False)
        nn.init.constant_(self.pool.weight, (16 / image_size) ** 2)
        self.norm = nn.BatchNorm1d(features)
        self.dropout = nn.Dropout(dropout)
        self.to_embedding = nn.Linear(features, embedding_dim, bias=False)
        self.embedding_norm = nn.BatchNorm1d(embedding_dim, affine=False)
        self.head = nn.Parameter(torch.empty(num_identities, embedding_dim))
        nn.init.normal_(self.head, std=embedding_dim**-0.5)

    @property
    def logit_range(self) -> float:
        """Logits lie in [-logit_range, logit_range]; a cosine margin is a share of it."""
        return self.scale * self.logit_scale

    def forward(self, image: Tensor) -> Recognition:
        """Embed and classify."""
        if image.shape[-2:] != (self.image_size, self.image_size):
            side = self.image_size
            raise ValueError(f"expected images of shape (N, 3, {side}, {side}), got {tuple(image.shape)}; resize them")
        features = self.pool(self.trunk(self.front(image))).flatten(1)
        raw = self.embedding_norm(self.to_embedding(self.dropout(self.norm(features))))
        unit = F.normalize(raw.float())
        with torch.autocast(image.device.type, enabled=False):  # bf16 logits near 32 would be an eighth apart
            logits = self.logit_range * F.linear(unit, F.normalize(self.head))
        return Recognition(self.scale * unit, logits)
