"""PPFR: every pixel is XORed with a byte of its own, from a chaotic generator."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

from miais.obfuscation.keyed_draws import check_key, keyed_bytes, keyed_choices
from miais.obfuscation.lorenz import lorenz_bytes
from miais.obfuscation.pictures import as_batch

Generator = Literal["lorenz", "shake"]


@dataclass(frozen=True)
class XorEncryption:
    """XOR all pictures with one mask of bytes, the same for all of one size.

    Eigenfaces work on such pictures, and networks can: bit by bit the mask is a change of sign at each place.

    The publication's abstract tells no more; the generator and its equations are our choice. A full mask gives a larger
    error than MIAIS prints for PPFR; a density of about 0.78 gives that error, with an MS-SSIM above the printed one.

    Key draw: the bytes by row and column, of red, then of green and blue where they have their own; which pixels are
    masked.

    Attributes:
        key: 32 bytes.
        generator: "lorenz" is a chaotic system in continuous time and takes about a second for each new key; "shake"
            draws the bytes from the key at once.
        per_channel: Whether red, green and blue have different bytes.
        bits: How many low bits of the mask are used, 1 to 8.
        density: Share of the pixels that are masked, in [0, 1].

    Raises:
        TypeError, ValueError: If the key is none, or an option is out of range.

    References:
        Ergun, Privacy Preserving Face Recognition in Encrypted Domain, IEEE APCCAS 2014, 643-646.

    Example:
        >>> images = torch.arange(48, dtype=torch.uint8).view(3, 4, 4)
        >>> method = XorEncryption(bytes(32), generator="shake")
        >>> torch.equal(method(images), images), torch.equal(method.inverse(method(images)), images)
        (False, True)
    """

    key: bytes = field(repr=False)
    generator: Generator = "lorenz"
    per_channel: bool = False
    bits: int = 8
    density: float = 1.0

    def __post_init__(self) -> None:
        check_key(self.key)
        if self.generator not in ("lorenz", "shake"):
            raise ValueError(f"expected generator 'lorenz' or 'shake', got {self.generator!r}")
        if not 1 <= self.bits <= 8 or not 0 <= self.density <= 1:
            raise ValueError(f"expected bits from 1 to 8 and a density in [0, 1], got {self.bits} and {self.density}")

    def __call__(self, images: Tensor) -> Tensor:
        """Hide what the pictures show; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        return images ^ _mask(self, *as_batch(images).shape[-2:]).to(images.device)

    def inverse(self, images: Tensor) -> Tensor:
        """Give back exactly what was hidden, by doing the same again; the same shapes."""
        return self(images)


@lru_cache(maxsize=1)
def _mask(method: XorEncryption, height: int, width: int) -> Tensor:
    draw = lorenz_bytes if method.generator == "lorenz" else keyed_bytes
    channels = 3 if method.per_channel else 1
    mask = torch.from_numpy(draw(method.key, f"ppfr {method.generator}", channels * height * width).copy())
    masked = torch.from_numpy(keyed_choices(method.key, "ppfr places", method.density, height * width))
    return (mask & (2**method.bits - 1)).view(channels, height, width) * masked.view(height, width)
