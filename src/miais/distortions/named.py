"""Named distortions of saved files, for evaluation and the command line."""

from functools import partial

import torch
from torch import Tensor

from miais.distortions.blur import gaussian_blur
from miais.distortions.crop import random_crop
from miais.distortions.jpeg import real_jpeg
from miais.distortions.noise import gaussian_noise
from miais.distortions.random_distortion import Distortion
from miais.distortions.resize import resize_and_back
from miais.image import quantize


def distort_file(distort: Distortion, container: Tensor, cover: Tensor, generator: torch.Generator) -> Tensor:
    """What one saved container is after a distortion and another saving: 8-bit again.

    Args:
        distort: The distortion.
        container: Shape (3, H, W), multiples of 1/255, as read from the file.
        cover: The same shape; only distortions that paste the cover look at it.
        generator: Source of randomness.

    Returns:
        The distorted image, shape (3, H, W), multiples of 1/255.

    Raises:
        ValueError: If the container has another shape.
    """
    if container.dim() != 3 or container.shape[0] != 3:
        raise ValueError(f"container must have shape (3, H, W), got {tuple(container.shape)}")
    with torch.no_grad():
        return quantize(distort(container[None], cover[None], generator)[0])


DISTORTIONS: dict[str, Distortion] = {
    name: partial(distort_file, distort)
    for name, distort in {
        "jpeg90": partial(real_jpeg, quality=90),
        "jpeg75": partial(real_jpeg, quality=75),
        "jpeg50": partial(real_jpeg, quality=50),
        "resize0.75": partial(resize_and_back, factor=0.75),
        "resize0.5": partial(resize_and_back, factor=0.5),
        "crop0.9": partial(random_crop, keep=0.9),
        "crop0.8": partial(random_crop, keep=0.8),
        "blur0.5": partial(gaussian_blur, sigma=0.5),
        "blur1": partial(gaussian_blur, sigma=1.0),
        "noise1": partial(gaussian_noise, sigma=1.0),
        "noise2": partial(gaussian_noise, sigma=2.0),
    }.items()
}
"""Each takes (container, cover, generator) with images (3, H, W) from saved files and returns an 8-bit image of that
shape. The numbers are: JPEG quality, scale factor, kept share of each side, sigma in pixels, sigma in 8-bit levels."""
