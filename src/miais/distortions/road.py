"""What a container meets on its way through the web, with a strength of its own for each batch: for training."""

from collections.abc import Callable

import torch
from torch import Tensor

from miais.distortions.blur import gaussian_blur
from miais.distortions.jpeg import real_jpeg
from miais.distortions.noise import gaussian_noise
from miais.distortions.random_distortion import Distortion, unchanged
from miais.distortions.resize import resize_and_back

_JPEG, _RESIZE, _BLUR, _NOISE = (50.0, 95.0), (0.5, 2.0), (0.3, 1.2), (0.5, 3.0)


def _between(ends: tuple[float, float], generator: torch.Generator) -> float:
    low, high = ends
    return low + (high - low) * float(torch.rand((), generator=generator, device=generator.device))


def _of_random_strength(
    distort: Callable[..., Tensor], name: str, ends: tuple[float, float], *, whole: bool = False
) -> Distortion:
    def distorted(container: Tensor, cover: Tensor, generator: torch.Generator) -> Tensor:
        strength = _between(ends, generator)
        return distort(container, cover, generator, **{name: round(strength) if whole else strength})

    return distorted


def straight_through(distort: Distortion) -> Distortion:
    """Distort, and let the gradient pass as if nothing had been done: for what has no derivative, as a real JPEG."""

    def distorted(container: Tensor, cover: Tensor, generator: torch.Generator) -> Tensor:
        with torch.no_grad():
            change = distort(container, cover, generator) - container
        return container + change

    return distorted


ROAD_DISTORTIONS: tuple[Distortion, ...] = (
    unchanged,
    straight_through(_of_random_strength(real_jpeg, "quality", _JPEG, whole=True)),
    _of_random_strength(resize_and_back, "factor", _RESIZE),
    _of_random_strength(gaussian_blur, "sigma", _BLUR),
    _of_random_strength(gaussian_noise, "sigma", _NOISE),
)
"""Nothing, a real JPEG of quality 50 to 95 (4:2:0), rescaling by 0.5 to 2 and back, a blur of 0.3 to 1.2 px, noise of
0.5 to 3 levels."""
