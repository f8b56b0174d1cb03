"""What a learned detector looks at: grey levels from 0 to 255, which its truncations are made for."""

import torch
from torch import Tensor

_LUMA = (0.299, 0.587, 0.114)


def grey_levels(image: Tensor, channels: int) -> Tensor:
    """Scale a picture to [0, 255], and to luminance for a detector of one channel.

    Args:
        image: Shape (N, 3, H, W), range [0, 1].
        channels: 1 or 3.

    Returns:
        Shape (N, channels, H, W), range [0, 255].

    Raises:
        ValueError: If the picture has not three channels, or `channels` is neither 1 nor 3.
    """
    if image.dim() != 4 or image.shape[1] != 3 or channels not in (1, 3):
        raise ValueError(
            f"expected images of shape (N, 3, H, W) and 1 or 3 channels, got {tuple(image.shape)} and {channels}"
        )
    if channels == 3:
        return image * 255
    weights = image.new_tensor(_LUMA).view(1, 3, 1, 1)
    return (image * weights).sum(dim=1, keepdim=True) * 255


def in_full_precision(image: Tensor) -> torch.autocast:
    """Keep what happens inside in float32: in bfloat16 a filter's thirds no longer sum to 0, and residues drown."""
    return torch.autocast(image.device.type, enabled=False)
