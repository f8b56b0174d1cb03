"""The 256 levels k/255 of an 8-bit file: to bytes, from bytes, and rounding that lets gradients through."""

from typing import Any

import torch
from torch import Tensor

from miais.image_limits import ImageError


def quantize(image: Tensor) -> Tensor:
    """Round to the 256 levels of an 8-bit file, as writing and reading it again would.

    Args:
        image: Any shape and floating type; values outside [0, 1] are clamped.

    Returns:
        The same shape, values k/255, float32 (bfloat16 cannot hold these levels) or float64 as the input. Gradients
        pass the rounding unchanged (straight-through), 0 and 1 included; they are zero where the clamp acts.

    References:
        Bengio et al., Estimating or Propagating Gradients Through Stochastic Neurons, 2013. https://arxiv.org/abs/1308.3432

    Example:
        >>> quantize(torch.tensor([-0.2, 0.5, 1.7])).mul(255)
        tensor([  0., 128., 255.])
    """
    rounded: Tensor = _StraightThroughRounding.apply(as_float(image))
    return rounded


def to_uint8(image: Tensor) -> Tensor:
    """Turn [0, 1] into the bytes of an 8-bit file.

    Args:
        image: Any shape and floating type; values outside [0, 1] are clamped.

    Returns:
        The same shape, uint8; `from_uint8(to_uint8(image))` equals `quantize(image)`.

    Raises:
        ImageError: If a value is NaN or infinite.
        TypeError: If `image` is not a floating-point tensor.

    Example:
        >>> to_uint8(torch.tensor([0.0, 0.5, 1.0]))
        tensor([  0, 128, 255], dtype=torch.uint8)
    """
    exact = as_float(image.detach())
    if not exact.isfinite().all():
        raise ImageError("expected finite values in [0, 1], got NaN or infinity; check what made them")
    return (exact.clamp(0, 1) * 255).round().to(torch.uint8)


def from_uint8(pixels: Tensor) -> Tensor:
    """Turn the bytes of an 8-bit file into [0, 1].

    Args:
        pixels: Any shape, uint8.

    Returns:
        The same shape, float32, values k/255.

    Raises:
        TypeError: If `pixels` is not uint8.

    Example:
        >>> from_uint8(torch.tensor([0, 51, 255], dtype=torch.uint8))
        tensor([0.0000, 0.2000, 1.0000])
    """
    if pixels.dtype != torch.uint8:
        raise TypeError(f"expected uint8 pixels, got {pixels.dtype}; use to_uint8 on images in [0, 1]")
    return _divided_by_255(pixels.to(torch.float32))


def as_float(image: Tensor) -> Tensor:
    """Widen a floating-point image to float32 at least; half types cannot hold the 256 levels exactly.

    Args:
        image: Any shape and floating type.

    Returns:
        The image as float32, or float64 if it was.

    Raises:
        TypeError: If `image` is not a floating-point tensor.

    Example:
        >>> as_float(torch.zeros(2, dtype=torch.bfloat16)).dtype
        torch.float32
    """
    if not image.is_floating_point():
        raise TypeError(f"expected a floating-point image in [0, 1], got {image.dtype}; use from_uint8 on 8-bit pixels")
    return image.to(torch.promote_types(image.dtype, torch.float32))


class _StraightThroughRounding(torch.autograd.Function):
    """Clamp and round; the gradient ignores the rounding.

    It also passes at exactly 0 and 1, unlike that of `Tensor.clamp` in recent torch: a saturated pixel must not stay
    stuck.
    """

    @staticmethod
    def forward(ctx: Any, image: Tensor) -> Tensor:
        ctx.save_for_backward(image)
        return _divided_by_255((image.clamp(0, 1) * 255).round())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (image,) = ctx.saved_tensors
        return torch.where((image >= 0) & (image <= 1), gradients[0], 0)


def _divided_by_255(levels: Tensor) -> Tensor:
    """Divide by a tensor: CUDA turns a division by a number into a multiplication, one bit off the CPU's result."""
    return levels / levels.new_full((), 255)
