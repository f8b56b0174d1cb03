"""What happens to a container in transit, as functions (container, cover, generator) -> container."""

from miais.distortions.blur import gaussian_blur
from miais.distortions.crop import random_crop
from miais.distortions.cropout import random_cropout
from miais.distortions.dropout import pixel_dropout
from miais.distortions.jpeg import differentiable_jpeg, encode_jpeg, real_jpeg
from miais.distortions.jpeg_surrogate import surrogate_jpeg
from miais.distortions.named import DISTORTIONS, distort_file
from miais.distortions.noise import gaussian_noise
from miais.distortions.random_distortion import OFFICIAL_DISTORTIONS, Distortion, RandomDistortion, unchanged
from miais.distortions.resize import resize_and_back
from miais.distortions.road import ROAD_DISTORTIONS, straight_through

__all__ = [
    "DISTORTIONS",
    "OFFICIAL_DISTORTIONS",
    "ROAD_DISTORTIONS",
    "Distortion",
    "RandomDistortion",
    "differentiable_jpeg",
    "distort_file",
    "encode_jpeg",
    "gaussian_blur",
    "gaussian_noise",
    "pixel_dropout",
    "random_crop",
    "random_cropout",
    "real_jpeg",
    "resize_and_back",
    "straight_through",
    "surrogate_jpeg",
    "unchanged",
]
