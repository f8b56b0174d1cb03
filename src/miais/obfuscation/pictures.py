"""What every method asks of its pictures."""

from torch import Tensor, uint8


def as_batch(images: Tensor) -> Tensor:
    """Check pictures and give them a batch dimension.

    Args:
        images: RGB bytes, shape (3, H, W) or (N, 3, H, W).

    Returns:
        Shape (N, 3, H, W); of one picture a view with N = 1.

    Raises:
        TypeError: If they are not bytes.
        ValueError: If the shape is another.

    Example:
        >>> import torch
        >>> as_batch(torch.zeros(3, 4, 6, dtype=torch.uint8)).shape
        torch.Size([1, 3, 4, 6])
    """
    if images.dtype != uint8:
        raise TypeError(f"expected pictures as bytes (uint8), got {images.dtype}; miais.image.to_uint8 makes them")
    if images.ndim not in (3, 4) or images.shape[-3] != 3 or 0 in images.shape[-2:]:
        raise ValueError(f"expected pictures of shape (3, H, W) or (N, 3, H, W), got {tuple(images.shape)}")
    return images.reshape(-1, *images.shape[-3:])
