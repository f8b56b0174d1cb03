"""PBIE, pixel-based image encryption: each value may be inverted, each pixel's channels change places."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from miais.obfuscation.channel_orders import CHANNEL_ORDERS
from miais.obfuscation.keyed_draws import check_key, keyed_bits, keyed_integers
from miais.obfuscation.pictures import as_batch
from miais.obfuscation.sample_moves import SampleMoves, move_samples, move_samples_back


@dataclass(frozen=True)
class PixelBasedEncryption:
    """Invert half of all values, p -> 255 - p, then reorder the channels of every pixel.

    One key as large as the picture serves all pictures of one size; for another key each, as in the journal version,
    give each picture a key made by `image_key`.

    Key draw: a bit for each value by row, column and channel; an integer from 0 to 5 for each pixel by row and column.

    Attributes:
        key: 32 bytes.
        shuffle_channels: Whether to take the second step.

    Raises:
        TypeError, ValueError: If the key is none.

    References:
        Sirichotedumrong, Maekawa, Kinoshita, Kiya, Privacy-Preserving Deep Neural Networks with Pixel-Based Image
        Encryption Considering Data Augmentation in the Encrypted Domain, ICIP 2019. https://arxiv.org/abs/1905.01827

    Example:
        >>> images = torch.arange(48, dtype=torch.uint8).view(3, 4, 4)
        >>> method = PixelBasedEncryption(bytes(32))
        >>> torch.equal(method(images), images), torch.equal(method.inverse(method(images)), images)
        (False, True)
    """

    key: bytes = field(repr=False)
    shuffle_channels: bool = True

    def __post_init__(self) -> None:
        check_key(self.key)

    def __call__(self, images: Tensor) -> Tensor:
        """Hide what the pictures show; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        batch = as_batch(images)
        return move_samples(batch, _moves(self.key, self.shuffle_channels, *batch.shape[-2:])).view(images.shape)

    def inverse(self, images: Tensor) -> Tensor:
        """Give back exactly what was hidden; the same shapes."""
        batch = as_batch(images)
        return move_samples_back(batch, _moves(self.key, self.shuffle_channels, *batch.shape[-2:])).view(images.shape)


@lru_cache(maxsize=1)
def _moves(key: bytes, shuffle_channels: bool, height: int, width: int) -> SampleMoves:
    pixels = height * width
    flips = 255 * keyed_bits(key, "pbie bits", 3 * pixels).reshape(pixels, 3).T.ravel()
    orders = keyed_integers(key, "pbie orders", 6, pixels) if shuffle_channels else np.zeros(pixels, np.int64)
    sources = CHANNEL_ORDERS[orders].T * pixels + np.arange(pixels)
    # Values are inverted before they move: a place inverts if the one that its value comes from does.
    return SampleMoves(torch.from_numpy(sources.ravel().astype(np.int32)), torch.from_numpy(flips[sources.ravel()]))
