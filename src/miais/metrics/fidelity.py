"""How close two pictures are: mean squared error, PSNR and MS-SSIM.

All images are in [0, 1], so the peak and the dynamic range are 1. Inputs of fewer than 32 bits are computed in float32.
"""

from torch import Tensor

from miais.metrics.image_pair import image_pair
from miais.metrics.ms_ssim import ms_ssim

__all__ = ["mean_psnr", "mean_squared_error", "ms_ssim", "psnr", "psnr_of_mean"]


def mean_squared_error(image: Tensor, reference: Tensor) -> Tensor:
    """Mean squared difference of each image, over channels and positions.

    Args:
        image: Floating point in [0, 1], shape (N, C, H, W).
        reference: What `image` is compared with, same shape.

    Returns:
        One error per image, shape (N,), range [0, 1], lower is better.

    Raises:
        TypeError: If either is not floating point.
        ValueError: If the shapes differ, are not (N, C, H, W), or hold no pixel.

    Example:
        >>> import torch
        >>> mean_squared_error(torch.full((2, 3, 4, 4), 0.5), torch.zeros(2, 3, 4, 4))
        tensor([0.2500, 0.2500])
    """
    image, reference = image_pair(image, reference)
    return (image - reference).square().mean(dim=(1, 2, 3))


def psnr(image: Tensor, reference: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of each image, peak 1. A report, not a loss: no finite gradient at equal images.

    Args:
        image: Floating point in [0, 1], shape (N, C, H, W).
        reference: What `image` is compared with, same shape.

    Returns:
        Decibels per image, shape (N,), higher is better; infinity where the two are equal.

    Raises:
        TypeError: If either is not floating point.
        ValueError: If the shapes differ, are not (N, C, H, W), or hold no pixel.

    Example:
        >>> import torch
        >>> psnr(torch.full((1, 3, 4, 4), 0.1), torch.zeros(1, 3, 4, 4))
        tensor([20.])
    """
    return _decibels(mean_squared_error(image, reference))


def psnr_of_mean(image: Tensor, reference: Tensor) -> Tensor:
    """PSNR of the mean squared error of the whole batch (the paper's Tables III and VI).

    Args:
        image: Floating point in [0, 1], shape (N, C, H, W).
        reference: What `image` is compared with, same shape.

    Returns:
        Decibels, a scalar, never above `mean_psnr`; infinity if all images are equal.

    Raises:
        TypeError: If either is not floating point.
        ValueError: If the shapes differ, are not (N, C, H, W), or hold no pixel.

    Example:
        >>> import torch
        >>> reference = torch.zeros(2, 1, 4, 4)
        >>> image = torch.tensor([0.1, 0.01]).view(2, 1, 1, 1).expand_as(reference)
        >>> psnr_of_mean(image, reference)
        tensor(22.9671)
    """
    return _decibels(mean_squared_error(image, reference).mean())


def mean_psnr(image: Tensor, reference: Tensor) -> Tensor:
    """Mean over the batch of each image's PSNR (the paper's Table V).

    Args:
        image: Floating point in [0, 1], shape (N, C, H, W).
        reference: What `image` is compared with, same shape.

    Returns:
        Decibels, a scalar; infinity if any one image equals its reference.

    Raises:
        TypeError: If either is not floating point.
        ValueError: If the shapes differ, are not (N, C, H, W), or hold no pixel.

    Example:
        >>> import torch
        >>> reference = torch.zeros(2, 1, 4, 4)
        >>> image = torch.tensor([0.1, 0.01]).view(2, 1, 1, 1).expand_as(reference)
        >>> mean_psnr(image, reference)
        tensor(30.)
    """
    return psnr(image, reference).mean()


def _decibels(error: Tensor) -> Tensor:
    return -10 * error.log10()
