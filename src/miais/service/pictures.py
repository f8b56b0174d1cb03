"""From uploads to tensors, and from tensors to the files and numbers of an answer."""

import base64

from torch import Tensor

from miais.image import Picture, decode_picture, encode_png, to_uint8
from miais.service.answers import StegExpose
from miais.service.problems import Problem
from miais.steganalysis.stegexpose import stegexpose_report
from miais.steganalysis.stegexpose.report import DEFAULT_THRESHOLD


def read_upload(data: bytes, field: str, max_pixels: int) -> Picture:
    """Read a picture that somebody sent; called by its field, since the name of its file is nobody's business.

    Raises:
        Problem: 422 if it cannot be used.
    """
    try:
        return decode_picture(data, field, max_pixels=max_pixels)
    except ValueError as error:
        raise Problem(422, str(error)) from error


def base64_png(image: Tensor) -> str:
    """Write a picture as PNG in base64.

    Args:
        image: Shape (3, H, W), range [0, 1].
    """
    return base64.b64encode(encode_png(image)).decode("ascii")


def change_between(container: Tensor, cover: Tensor) -> Tensor:
    """Show what was changed: mid-grey where nothing was.

    Args:
        container: Shape (3, H, W), range [0, 1].
        cover: Same shape.

    Returns:
        `128 + container - cover` in grey levels, as an image in [0, 1].

    Example:
        >>> import torch
        >>> (change_between(torch.full((3, 1, 1), 0.2), torch.full((3, 1, 1), 0.2)) * 255)[0]
        tensor([[128.]])
    """
    return (container - cover + 128 / 255).clamp(0, 1)


def examine(container: Tensor) -> StegExpose:
    """Ask StegExpose."""
    report = stegexpose_report(to_uint8(container).movedim(0, -1).numpy())
    score = report.fused if report.fused == report.fused else None
    return StegExpose(score=score, threshold=DEFAULT_THRESHOLD, suspicious=report.stego)
