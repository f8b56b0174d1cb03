"""Multi-scale structural similarity, as defined and as the authors' released code computes it.

Wang, Simoncelli, Bovik: Multiscale structural similarity for image quality assessment, Asilomar 2003.
https://doi.org/10.1109/ACSSC.2003.1292216
"""

import math
from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from miais.metrics.image_pair import image_pair

_SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_WINDOW_SIZE = 11
_WINDOW_SIGMA = 1.5
_C1 = 0.01**2
_C2 = 0.03**2


def ms_ssim(image: Tensor, reference: Tensor, *, variant: Literal["standard", "miais"] = "standard") -> Tensor:
    """Multi-scale structural similarity, differentiable in both images; dynamic range 1.

    With cs and ssim the means over all positions of the contrast-structure and of the full similarity map, under a
    Gaussian window (11 taps, sigma 1.5, no padding), and w the weights of the scales 1 (finest) to 5:

    - `standard`: prod_{j<5} cs_j^w_j * ssim_5^w_5 for each channel of each image, negative means set to 0, then the
      mean over the channels. A mean set to 0 passes no gradient.
    - `miais`: what the authors' code trains with. The means run over the whole batch, each is mapped to (mean + 1) / 2,
      and a slip multiplies the last scale's factor into each of the four others: prod_{j<5} cs_j^w_j * ssim_5^(4 w_5).
      The thresholds of the paper and of its code are on this scale.

    The next scale is the 2x2 mean. An odd side first gets a row of zeros at both ends, as in pytorch-msssim. Five
    scales need a shorter side of 161 px. A smaller image gets as many scales as the window fits in, the finest ones (4
    from 81 px, 3 from 41, 2 from 21, 1 from 11), with their weights renormalised to sum 1; the slip of `miais` is then
    the number of remaining scales minus 1, but at least 1. Values at different numbers of scales are not comparable.

    Args:
        image: Floating point in [0, 1], shape (N, C, H, W), any number of channels. Computed in float32 at least, also
            under autocast. For numbers to report give float64: float32 is off by about 1e-7 on photographs, 1e-5 on
            bright ones with little contrast and up to 4e-4 on flat ones, as its squares near 1 keep too few digits.
        reference: What `image` is compared with, same shape.
        variant: Which of the two definitions.

    Returns:
        Similarity, 1 for equal images, higher is better: `standard` one per image, shape (N,), range [0, 1]; `miais` a
        scalar for the batch, range (0, 1].

    Raises:
        TypeError: If either is not floating point.
        ValueError: If the shapes differ or are not (N, C, H, W), if a side is below 11 px, or for an unknown variant.

    Example:
        >>> cover = torch.linspace(0, 1, 176).expand(1, 3, 176, 176)
        >>> ms_ssim(cover, cover)
        tensor([1.])
        >>> ms_ssim(1 - cover, cover, variant="miais").item() < 0.1
        True
    """
    if variant not in ("standard", "miais"):
        raise ValueError(f"unknown MS-SSIM variant {variant!r}; choose 'standard' or 'miais'")
    standard, miais = ms_ssim_of_both_kinds(image, reference)
    return standard if variant == "standard" else miais


def ms_ssim_of_both_kinds(image: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
    """Return `standard`, shape (N,), and `miais`, a scalar, of `ms_ssim` in the time of one."""
    image, reference = image_pair(image, reference)
    weights = _weights_that_fit(min(image.shape[-2:]))
    with torch.autocast(image.device.type, enabled=False):
        similarities = _similarities(image, reference, scales=len(weights))
        slip = max(1, len(weights) - 1)
        batch_means = [(similarity.mean() + 1) / 2 for similarity in similarities]
        return (
            _product_of_powers(similarities, weights).mean(dim=1),
            _product_of_powers(batch_means, [*weights[:-1], slip * weights[-1]]),
        )


def _weights_that_fit(side: int) -> list[float]:
    weights: list[float] = []
    for weight in _SCALE_WEIGHTS:
        if side < _WINDOW_SIZE:
            break
        weights.append(weight)
        side = math.ceil(side / 2)
    if not weights:
        raise ValueError(f"MS-SSIM needs images of at least {_WINDOW_SIZE} px a side, got {side}; resize them")
    total = 1.0 if len(weights) == len(_SCALE_WEIGHTS) else sum(weights)  # the published five sum to 1.0001: kept
    return [weight / total for weight in weights]


def _similarities(image: Tensor, reference: Tensor, scales: int) -> list[Tensor]:
    """Return the mean cs of every scale but the last, which gets the mean ssim, each of shape (N, C)."""
    # One picture of N*C channels, as depthwise convolutions vectorise over channels. Measured on a CPU: with the
    # channels last two to three times faster in float32, six times slower in float64.
    fast_last = image.device.type == "cpu" and image.dtype == torch.float32
    layout = torch.channels_last if fast_last else torch.contiguous_format
    pair = [images.flatten(0, 1)[None].contiguous(memory_format=layout) for images in (image, reference)]
    window = _gaussian_window(pair[0])
    means = []
    for scale in range(scales):
        if scale > 0:
            odd = [side % 2 for side in pair[0].shape[-2:]]
            pair = [F.avg_pool2d(images, 2, padding=odd) for images in pair]
        similarity = _similarity_map(pair[0], pair[1], window, with_luminance=scale == scales - 1)
        means.append(similarity.mean(dim=(-2, -1)).view(image.shape[:2]))
    return means


def _gaussian_window(images: Tensor) -> Tensor:
    # Rounded to float32 in every dtype, as in pytorch-msssim: a sum off by 1e-7 shows in the sixth digit of the result.
    offsets = torch.arange(_WINDOW_SIZE, dtype=torch.float32, device=images.device) - _WINDOW_SIZE // 2
    window = torch.exp(-offsets.square() / (2 * _WINDOW_SIGMA**2))
    return (window / window.sum()).to(images.dtype).expand(images.shape[1], 1, 1, _WINDOW_SIZE)


def _similarity_map(image: Tensor, reference: Tensor, window: Tensor, *, with_luminance: bool) -> Tensor:
    image_mean, reference_mean = _blur(image, window), _blur(reference, window)
    product_of_means = image_mean * reference_mean
    squared_means = image_mean * image_mean + reference_mean * reference_mean
    covariance = _blur(image * reference, window) - product_of_means
    variances = _blur(image * image + reference * reference, window) - squared_means  # only their sum is needed
    similarity = (2 * covariance + _C2) / (variances + _C2)
    if with_luminance:
        similarity = similarity * (2 * product_of_means + _C1) / (squared_means + _C1)
    return similarity


def _blur(images: Tensor, window: Tensor) -> Tensor:
    channels = len(window)
    return F.conv2d(F.conv2d(images, window.mT, groups=channels), window, groups=channels)


def _product_of_powers(bases: Sequence[Tensor], exponents: Sequence[float]) -> Tensor:
    """Multiply the powers; a base that is not positive counts as 0 with gradient 0, where x**w has an infinite one."""
    result = torch.ones_like(bases[0])
    for base, exponent in zip(bases, exponents, strict=True):
        vanishes = base <= torch.finfo(base.dtype).tiny  # false for NaN, which must come through
        result = result * torch.where(vanishes, 0, torch.where(vanishes, 1, base) ** exponent)
    return result
