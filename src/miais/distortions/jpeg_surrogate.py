"""A differentiable stand-in for JPEG: only the lowest frequencies of every 8x8 block arrive."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

BLOCK = 8
KEPT_COEFFICIENTS = (25, 9, 9)
RGB_TO_YUV = ((0.299, 0.587, 0.114), (-0.14713, -0.28886, 0.436), (0.615, -0.51499, -0.10001))


def surrogate_jpeg(container: Tensor, cover: Tensor, generator: torch.Generator) -> Tensor:
    """Keep the first 25, 9 and 9 zig-zag DCT coefficients of the Y, U and V blocks and drop the others.

    A linear projection (but for the clamp at the end), hence with useful gradients everywhere; it quantises nothing
    and draws nothing, so it is the same for all images.

    Args:
        container: Shape (N, 3, H, W), range [0, 1]; sizes that are no multiple of 8 are padded by repeating the edge
            and cut back.
        cover: Not used.
        generator: Not used.

    Returns:
        The projected container, shape (N, 3, H, W), clamped to [0, 1].

    References:
        Zhu et al., HiDDeN: Hiding Data With Deep Networks, ECCV 2018, section 3.3 ("JPEG-Mask").

    Example:
        >>> flat = torch.full((1, 3, 16, 16), 0.5)
        >>> torch.allclose(surrogate_jpeg(flat, flat, torch.Generator()), flat, atol=1e-6)
        True
    """
    height, width = container.shape[-2:]
    padded = F.pad(container, (0, -width % BLOCK, 0, -height % BLOCK), mode="replicate")
    to_yuv = torch.tensor(RGB_TO_YUV, dtype=container.dtype, device=container.device)
    dct = _dct_matrix().to(container)
    mask = torch.stack([_zigzag_mask(kept) for kept in KEPT_COEFFICIENTS]).to(container)  # (3, 8, 8)

    # Full precision: autocast would round to whole grey levels.
    with torch.autocast(container.device.type, enabled=False):
        yuv = torch.einsum("ij,njhw->nihw", to_yuv, padded)
        blocks = yuv.unflatten(3, (-1, BLOCK)).unflatten(2, (-1, BLOCK))  # (N, 3, rows, 8, columns, 8)
        coefficients = torch.einsum("iu,ncruks,js->ncrikj", dct, blocks, dct) * mask[:, None, :, None, :]
        blocks = torch.einsum("ui,ncruks,sj->ncrikj", dct, coefficients, dct)
        rgb = torch.einsum("ij,njhw->nihw", torch.linalg.inv(to_yuv), blocks.flatten(4).flatten(2, 3))
    return rgb[..., :height, :width].clamp(0, 1)


def _dct_matrix() -> Tensor:
    """The orthonormal DCT-II of 8 samples, one basis vector a row."""
    frequency = torch.arange(BLOCK, dtype=torch.float64)[:, None]
    position = torch.arange(BLOCK, dtype=torch.float64)
    matrix = torch.cos(math.pi / BLOCK * (position + 0.5) * frequency) * math.sqrt(2 / BLOCK)
    matrix[0] /= math.sqrt(2)
    return matrix


def _zigzag_mask(kept: int) -> Tensor:
    """Ones at the first `kept` places (row, column) of the zig-zag walk over a block."""
    places = [(row, column) for row in range(BLOCK) for column in range(BLOCK)]
    # Diagonals in order; the walk goes up the even ones and down the odd ones.
    places.sort(key=lambda place: (sum(place), place[0] if sum(place) % 2 else place[1]))
    mask = torch.zeros(BLOCK, BLOCK)
    for row, column in places[:kept]:
        mask[row, column] = 1
    return mask
