"""DIO: the obfuscations of a study that defeats them, P3, mosaic and blur. None has a key.

The row DIO of MIAIS's Table V fits P3 alone.

Reference: McPherson, Shokri, Shmatikov, Defeating Image Obfuscation with Deep Learning, 2016.
https://arxiv.org/abs/1609.00408
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from miais.obfuscation.jpeg_blocks import jpeg_coefficients, jpeg_picture
from miais.obfuscation.pictures import as_batch

_WEIGHT = 2**16
_TILE = 256


class P3Parts(NamedTuple):
    """The two parts of pictures, as quantised JPEG coefficients, and what else it takes to show them.

    Attributes:
        public: For everybody, int16, shape (N, B, 3, 8, 8).
        secret: For the owner, the same shape.
        size: Height and width in pixels.
    """

    public: Tensor
    secret: Tensor
    size: tuple[int, int]


@dataclass(frozen=True)
class P3:
    """Show the public part of a picture: its weak JPEG coefficients, the strong ones cut off.

    Of the quantised coefficients the public part has no means; the others keep their value up to the threshold, and
    above it are the threshold, without their sign. The secret part has the means and what was cut off.

    Attributes:
        threshold: 1, 10 and 20 in the study; at least 1.
        quality: Of the JPEG, 1 to 100 on libjpeg's scale; colours keep their resolution.

    Raises:
        ValueError: If one is out of range.

    References:
        Ra, Govindan, Ortega, P3: Toward Privacy-Preserving Photo Sharing, NSDI 2013.

    Example:
        >>> images = torch.arange(192, dtype=torch.uint8).view(3, 8, 8)
        >>> parts = P3(threshold=1).split(images)
        >>> int(parts.public.max()), int(parts.public[..., 0, 0].abs().max())
        (1, 0)
    """

    threshold: int = 10
    quality: int = 75

    def __post_init__(self) -> None:
        if self.threshold < 1 or not 1 <= self.quality <= 100:
            raise ValueError(
                f"expected a threshold of at least 1 and a quality from 1 to 100, got {self.threshold}, {self.quality}"
            )

    def __call__(self, images: Tensor) -> Tensor:
        """Return the pictures that a decoder shows of the public parts; bytes, (3, H, W) or (N, 3, H, W), as given."""
        parts = self.split(images)
        return jpeg_picture(parts.public, self.quality, *parts.size).view(images.shape)

    def split(self, images: Tensor) -> P3Parts:
        """Split pictures in two; bytes, shape (3, H, W) or (N, 3, H, W)."""
        batch = as_batch(images)
        coefficients = jpeg_coefficients(batch, self.quality)
        strong = coefficients.abs() > self.threshold
        public = torch.where(strong, self.threshold, coefficients)
        secret = torch.where(strong, coefficients - coefficients.sign() * self.threshold, 0)
        public[..., 0, 0], secret[..., 0, 0] = 0, coefficients[..., 0, 0]
        return P3Parts(public, secret, (batch.shape[-2], batch.shape[-1]))

    def join(self, parts: P3Parts) -> Tensor:
        """Return the JPEG that was split, decoded, shape (N, 3, H, W): its coefficients come back exactly."""
        return jpeg_picture(self.coefficients(parts), self.quality, *parts.size)

    def coefficients(self, parts: P3Parts) -> Tensor:
        """Return the quantised coefficients that were split, int16, shape (N, B, 3, 8, 8)."""
        public, secret = parts.public, parts.secret
        joined = torch.where(secret == 0, public, secret + secret.sign() * self.threshold)
        joined[..., 0, 0] = secret[..., 0, 0]
        return joined


@dataclass(frozen=True)
class Mosaic:
    """Give each square window its mean colour.

    Attributes:
        window: Side in pixels, at least 1; at the right and lower border windows may be smaller.

    Raises:
        ValueError: If the window is below one pixel.

    Example:
        >>> images = torch.tensor([[0, 10, 20]], dtype=torch.uint8).expand(3, 1, 3)
        >>> Mosaic(2)(images)[0].tolist()
        [[5, 5, 20]]
    """

    window: int = 16

    def __post_init__(self) -> None:
        if self.window < 1:
            raise ValueError(f"expected a window of at least 1 pixel, got {self.window}")

    def __call__(self, images: Tensor) -> Tensor:
        """Coarsen the pictures; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        batch = as_batch(images)
        height, width = batch.shape[-2:]
        down, across = (min(self.window, side) for side in (height, width))
        # In float64 the sums are exact, so that means halfway between two levels are rounded alike everywhere.
        means = F.avg_pool2d(batch.double(), (down, across), ceil_mode=True, count_include_pad=False).round()
        coarse = means.byte().repeat_interleave(down, dim=2).repeat_interleave(across, dim=3)
        return coarse[..., :height, :width].reshape(images.shape)


@dataclass(frozen=True)
class GaussianBlur:
    """Blur the pictures; beyond the border their edge repeats.

    Attributes:
        sigma: Standard deviation in pixels, above 0 and at most 256; the filter is cut at three of them.

    Raises:
        ValueError: If sigma is out of range.

    Example:
        >>> images = torch.zeros(3, 5, 5, dtype=torch.uint8)
        >>> images[:, 2, 2] = 255
        >>> GaussianBlur(0.5)(images)[0, 2].tolist()
        [0, 21, 158, 21, 0]
    """

    sigma: float = 8.0

    def __post_init__(self) -> None:
        if not 0 < self.sigma <= 256:
            raise ValueError(f"expected a sigma above 0 and of at most 256 pixels, got {self.sigma}")

    def __call__(self, images: Tensor) -> Tensor:
        """Blur the pictures; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        batch = as_batch(images)
        weights = _blur_weights(self.sigma).to(batch.device)
        blurred = _blur_rows(_blur_rows(batch.double(), weights).mT, weights).mT
        return (blurred / _WEIGHT**2).round().byte().reshape(images.shape)


def _blur_weights(sigma: float) -> Tensor:
    """Return integers with sum 2^16: products and sums of them are exact, so that every machine rounds alike."""
    radius = math.ceil(3 * sigma)
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float64)
    weights = torch.softmax(-(offsets**2) / (2 * sigma**2), dim=0).mul(_WEIGHT).round()
    weights[radius] += _WEIGHT - weights.sum()
    return weights


def _blur_rows(images: Tensor, weights: Tensor) -> Tensor:
    """Filter along the last dimension: a product with a band matrix, which is 15 times faster than a convolution."""
    width, radius = images.shape[-1], len(weights) // 2
    padded = F.pad(images, (radius, radius + -width % _TILE, 0, 0), mode="replicate")
    columns = torch.arange(_TILE, device=images.device)
    band = weights.new_zeros(_TILE + 2 * radius, _TILE)
    band[columns + torch.arange(len(weights), device=images.device)[:, None], columns] = weights[:, None]
    return (padded.unfold(-1, len(band), _TILE) @ band).flatten(-2)[..., :width]
