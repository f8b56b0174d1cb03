"""What a learned detector sees of a colour picture: grey levels from 0 to 255, which its truncations are made for."""

from typing import Literal

import torch
from torch import Tensor

Colours = Literal["rgb", "luminance", "differences"]
_LUMA = (0.299, 0.587, 0.114)
_PLANES: dict[Colours, tuple[tuple[float, float, float], ...]] = {
    "rgb": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "luminance": (_LUMA,),
    "differences": (_LUMA, (1, -1, 0), (0, -1, 1)),
}


def planes(image: Tensor, colours: Colours) -> Tensor:
    """Return the planes that a detector filters.

    Args:
        image: Shape (N, 3, H, W), range [0, 1].
        colours: "rgb"; "luminance"; or "differences": luminance, red less green, and blue less green. What a photograph
            shows is nearly the same in all colours and cancels between them; what is hidden is another in each.

    Returns:
        Shape (N, P, H, W), differences in [-255, 255], the others in [0, 255].

    Raises:
        ValueError: If the picture has not three channels.
    """
    if image.dim() != 4 or image.shape[1] != 3:
        raise ValueError(f"expected images of shape (N, 3, H, W), got {tuple(image.shape)}")
    if colours == "rgb":
        return image * 255
    return torch.nn.functional.conv2d(image * 255, image.new_tensor(_PLANES[colours])[:, :, None, None])


def plane_count(colours: Colours) -> int:
    """Return P, the number of planes."""
    return len(_PLANES[colours])


def filtered_apart(colours: Colours) -> int:
    """Return how many planes fixed filters leave apart: those of "differences"; of "rgb" they are summed."""
    return plane_count(colours) if colours == "differences" else 1


def in_full_precision(image: Tensor) -> torch.autocast:
    """Keep what happens inside in float32: in bfloat16 a filter's thirds no longer sum to 0, and residues drown."""
    return torch.autocast(image.device.type, enabled=False)
