"""The Haar wavelet transform of one level: an image of half the side and four times the channels, and back."""

import torch
import torch.nn.functional as F
from torch import Tensor


def haar(images: Tensor) -> Tensor:
    """Take each channel apart into its mean and its three kinds of detail.

    Orthonormal: energies and inner products stay what they were, and a constant c becomes 2c in LL.

    Args:
        images: Shape (N, C, H, W), H and W even.

    Returns:
        Sub-bands, shape (N, 4C, H/2, W/2): LL of every channel, then HL (what differs between columns), LH (between
        rows) and HH.

    Raises:
        ValueError: If a side is odd.

    Example:
        >>> haar(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])).flatten()
        tensor([5., 1., 2., 0.])
    """
    if images.ndim != 4 or images.shape[-2] % 2 or images.shape[-1] % 2:
        raise ValueError(f"expected images of shape (N, C, H, W) with even H and W, got {tuple(images.shape)}")
    upper, lower = images[..., 0::2, :], images[..., 1::2, :]
    a, c, b, d = upper[..., 0::2], upper[..., 1::2], lower[..., 0::2], lower[..., 1::2]
    left, right, left_step, right_step = a + b, c + d, b - a, d - c
    return torch.cat([left + right, right - left, left_step + right_step, right_step - left_step], dim=1) / 2


def inverse_haar(bands: Tensor) -> Tensor:
    """Put sub-bands together again; the transform is orthonormal, so this is its transpose.

    Args:
        bands: Shape (N, 4C, h, w), as `haar` orders them.

    Returns:
        Images, shape (N, C, 2h, 2w).

    Raises:
        ValueError: If the channels cannot be four sub-bands.

    Example:
        >>> inverse_haar(torch.tensor([5.0, 1.0, 2.0, 0.0]).view(1, 4, 1, 1)).flatten()
        tensor([1., 2., 3., 4.])
    """
    if bands.ndim != 4 or bands.shape[1] % 4:
        raise ValueError(f"expected sub-bands of shape (N, 4C, h, w), got {tuple(bands.shape)}")
    ll, hl, lh, hh = bands.chunk(4, dim=1)
    left, right, left_step, right_step = ll - hl, ll + hl, lh - hh, lh + hh
    upper, lower = (left - left_step, right - right_step), (left + left_step, right + right_step)
    return F.pixel_shuffle(torch.stack([*upper, *lower], dim=2).flatten(1, 2) / 2, 2)
