"""What every picture metric asks of its two inputs."""

import torch
from torch import Tensor


def image_pair(image: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
    """Check two batches of images against each other and bring them to a common dtype of at least 32 bits.

    Args:
        image: Any number of channels, floating point, shape (N, C, H, W).
        reference: What `image` is compared with, same shape.

    Returns:
        Both batches as float32, or as float64 if either was.

    Raises:
        TypeError: If either is not floating point.
        ValueError: If the shapes differ, are not (N, C, H, W), or hold no pixel.

    Example:
        >>> image, reference = image_pair(torch.zeros(1, 3, 8, 8, dtype=torch.bfloat16), torch.zeros(1, 3, 8, 8))
        >>> image.dtype
        torch.float32
    """
    if not (image.is_floating_point() and reference.is_floating_point()):
        raise TypeError(
            f"expected floating-point images in [0, 1], got {image.dtype} and {reference.dtype}; "
            "divide 8-bit pixels by 255 first"
        )
    if image.shape != reference.shape:
        raise ValueError(
            f"expected two batches of one shape, got {tuple(image.shape)} and {tuple(reference.shape)}; resize one"
        )
    if image.ndim != 4 or image.numel() == 0:
        raise ValueError(
            f"expected non-empty batches (N, C, H, W), got {tuple(image.shape)}; for a single image pass image[None]"
        )
    dtype = torch.promote_types(torch.promote_types(image.dtype, reference.dtype), torch.float32)
    return image.to(dtype), reference.to(dtype)
