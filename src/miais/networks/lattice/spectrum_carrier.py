"""Low frequencies of a whole picture as places for a message: JPEG, blur and rescaling hardly change them."""

import math
from functools import lru_cache

import torch
from torch import Tensor, nn

_LEVELS = 255.0
# As JPEG weighs them.
_LUMA = (0.299, 0.587, 0.114)
_SIDE = 256
_MOST = 63
_CORRECTIONS, _NEAR = 8, 0.25
"""Where a picture is black or white not all of a change fits, and the rest is tried again: so often at most, and until
all samples of the picture are so near, in grey levels."""
# A blur takes a share of a coefficient that grows with the square of its frequency. A reader undoes each of these; 0.5
# is a Gaussian blur of 1 px, 1 nearly what reducing to half the size and enlarging again does.
_BLURS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3)


class SpectrumCarrier(nn.Module):
    """A picture's samples are DCT coefficients of its brightness, those of a ring of frequencies.

    A coefficient is that of the orthonormal DCT, scaled as if the picture had 256x256 pixels: a rescaled picture has
    the same ones.

    Args:
        step: Length of a cycle in grey levels.
        lowest: Least frequency, in half waves on a side: slower ones are seen as stains.
        highest: Largest frequency; a side must have more pixels.
    """

    whole = False
    """Samples are not whole numbers."""
    luma: Tensor
    used: Tensor

    def __init__(self, step: float = 64.0, lowest: int = 4, highest: int = 32) -> None:
        super().__init__()
        if step <= 0 or not 0 < lowest < highest <= _MOST:
            raise ValueError(
                f"expected a positive step and frequencies with 0 < lowest < highest <= {_MOST}, got the step {step}, "
                f"lowest {lowest} and highest {highest}"
            )
        self.step, self.highest = step, highest
        numbers = torch.arange(highest + 1)
        radius = (numbers[:, None] ** 2 + numbers**2).sqrt()
        self.register_buffer("used", (radius >= lowest) & (radius <= highest), persistent=False)
        self.register_buffer("luma", torch.tensor(_LUMA)[:, None, None] * _LEVELS, persistent=False)

    def samples(self, images: Tensor) -> Tensor:
        """Return the samples, shape (N, L), in grey levels."""
        down, across, scale = self._waves(images)
        brightness = (images.float() * self.luma).sum(dim=1)
        return (down @ brightness @ across.T)[:, self.used] * scale

    def put(self, images: Tensor, samples: Tensor) -> Tensor:
        """Return the images with other samples: red, green and blue change alike, so that the colour stays."""
        down, across, scale = self._waves(images)
        for _ in range(_CORRECTIONS):
            missing = samples - self.samples(images)
            far = missing.detach().abs().amax(dim=1, keepdim=True) >= _NEAR
            if not far.any():
                break
            change = images.new_zeros(len(images), *self.used.shape)
            change[:, self.used] = missing * far / scale
            images = (images + (down.T @ change @ across)[:, None] / _LEVELS).clamp(0, 1)
        return images

    def versions(self, images: Tensor) -> list[Tensor]:
        """Return the samples as a reader should try them: as they are, and as if they had been blurred before."""
        height, width = images.shape[-2:]
        numbers = torch.arange(self.highest + 1, device=images.device) * math.pi
        squares = ((numbers[:, None] / height) ** 2 + (numbers / width) ** 2)[self.used]
        samples = self.samples(images)
        return [samples * (1 + blur * squares) for blur in _BLURS]

    def _waves(self, images: Tensor) -> tuple[Tensor, Tensor, float]:
        height, width = images.shape[-2:]
        if min(height, width) <= self.highest:
            raise ValueError(f"expected a cover of more than {self.highest} px a side, got {width}x{height}")
        down, across = (_waves(side, self.highest + 1).to(images.device) for side in (height, width))
        return down, across, _SIDE / math.sqrt(height * width)


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # kept ones must serve a training too, whoever asked first
def _waves(side: int, count: int) -> Tensor:
    """The first rows of the orthonormal DCT of a side, shape (count, side)."""
    places = (2 * torch.arange(side, dtype=torch.float64) + 1) * math.pi / (2 * side)
    rows = torch.cos(torch.arange(count)[:, None] * places) * math.sqrt(2 / side)
    rows[0] /= math.sqrt(2)
    return rows.float()
