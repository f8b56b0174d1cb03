"""JPEG twice: the real file through Pillow, and a differentiable imitation of it through kornia."""

import io
from typing import Literal

import torch
from PIL import Image
from torch import Tensor

from miais.image import decode_image, to_uint8

Subsampling = Literal["4:4:4", "4:2:2", "4:2:0"]


def encode_jpeg(image: Tensor, quality: int = 75, subsampling: Subsampling = "4:2:0") -> bytes:
    r"""Write an image as a baseline JPEG file in memory.

    Args:
        image: Shape (3, H, W), range [0, 1].
        quality: libjpeg's quality, 1 to 95 (above, the file only grows); 75 is the usual default.
        subsampling: Colour resolution; "4:2:0" halves it in both directions, "4:4:4" keeps it.

    Returns:
        The bytes of the file.

    Raises:
        ValueError: If the shape or the quality is wrong.

    Example:
        >>> encode_jpeg(torch.zeros(3, 8, 8), quality=50)[:2]
        b'\xff\xd8'
    """
    if image.dim() != 3 or image.shape[0] != 3:
        raise ValueError(f"image must have shape (3, H, W), got {tuple(image.shape)}")
    if not 1 <= quality <= 95:
        raise ValueError(f"quality must be an integer from 1 to 95, got {quality}")
    pixels = to_uint8(image.detach()).permute(1, 2, 0).contiguous().cpu().numpy()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="JPEG", quality=quality, subsampling=subsampling)
    return file.getvalue()


def real_jpeg(
    container: Tensor,
    cover: Tensor,
    generator: torch.Generator,
    *,
    quality: int = 75,
    subsampling: Subsampling = "4:2:0",
) -> Tensor:
    """Every container as a JPEG file says it: encoded in memory, decoded again. No gradient passes.

    Args:
        container: Shape (N, 3, H, W), range [0, 1].
        cover: Not used.
        generator: Not used.
        quality: See `encode_jpeg`.
        subsampling: See `encode_jpeg`.

    Returns:
        The decoded images on the container's device, shape (N, 3, H, W), multiples of 1/255.

    Raises:
        ValueError: If the shape or the quality is wrong.

    Example:
        >>> grey = torch.full((1, 3, 16, 16), 0.5)
        >>> bool((real_jpeg(grey, grey, torch.Generator()) - grey).abs().max() <= 1.5 / 255)
        True
    """
    files = [encode_jpeg(image, quality, subsampling) for image in container]
    return torch.stack([decode_image(file, "JPEG in memory") for file in files]).to(container)


def differentiable_jpeg(
    container: Tensor,
    cover: Tensor,
    generator: torch.Generator,
    *,
    lowest: float = 50.0,
    highest: float = 95.0,
) -> Tensor:
    """JPEG with smooth rounding, for training: kornia's codec, a quality drawn for each image.

    Args:
        container: Shape (N, 3, H, W), range [0, 1].
        cover: Not used.
        generator: Source of the qualities, uniform in [`lowest`, `highest`].
        lowest: Lowest quality, at least 1.
        highest: Highest quality, at most 100.

    Returns:
        The compressed containers, shape (N, 3, H, W), range [0, 1].

    Raises:
        ModuleNotFoundError: If kornia is not installed.
        ValueError: If the qualities are out of range or order.

    References:
        Reich et al., Differentiable JPEG: The Devil is in the Details, WACV 2024.
    """
    if not 1 <= lowest <= highest <= 100:
        raise ValueError(f"expected 1 <= lowest <= highest <= 100, got lowest={lowest}, highest={highest}")
    try:
        from kornia.enhance import jpeg_codec_differentiable
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("differentiable JPEG needs kornia: run pip install 'miais[robust]'") from error
    share = torch.rand(container.shape[0], generator=generator, device=generator.device)
    quality = (lowest + (highest - lowest) * share).to(container)
    compressed: Tensor = jpeg_codec_differentiable(container, quality)
    return compressed.clamp(0, 1)
