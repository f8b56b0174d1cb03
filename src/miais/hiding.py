"""How a residual made at the system's size travels in a cover of any size.

Training and inference share these functions, so the network learns for the file that will be saved.
"""

import torch
from torch import Tensor, nn

from miais.image import resize

MAX_GAIN = 8.0


def works_at_full_size(network: nn.Module) -> bool:
    """Whether a network takes covers and containers as they are, of any size, and not resized to the system's."""
    return bool(getattr(network, "full_size", False))


def hide_in(
    generator: nn.Module, secrets: Tensor, covers: Tensor, *, psnr_db: float | None = None, strength: float = 1.0
) -> Tensor:
    """Hide secrets in covers of any size, Eq. 1.

    Args:
        generator: h; one of fixed size gets reduced covers, and its residual is carried to their full size.
        secrets: Shape (N, 3, S, S), range [0, 1].
        covers: Shape (N, 3, H, W), range [0, 1].
        psnr_db: As `carry_residual`; a generator that works at full size has no budget but its own.
        strength: Factor on the change to the covers.

    Returns:
        The containers, shape (N, 3, H, W), range [0, 1], not yet rounded to 8 bits.
    """
    if works_at_full_size(generator):
        container: Tensor = generator(secrets, covers, strength=strength)
        return container
    small = resize(covers, (secrets.shape[-2], secrets.shape[-1]))
    return carry_residual(generator(secrets, small), small, covers, psnr_db=psnr_db, strength=strength)


def as_seen(network: nn.Module, containers: Tensor, image_size: int) -> Tensor:
    """Return what a classifier or restorer looks at: the containers, or the containers at the system's size."""
    return containers if works_at_full_size(network) else resize(containers, (image_size, image_size))


def carry_residual(
    container: Tensor, small_cover: Tensor, cover: Tensor, *, psnr_db: float | None = None, strength: float = 1.0
) -> Tensor:
    """Add what the generator changed at its own size to the cover at its own full size.

    The residual `container - small_cover` is enlarged (or reduced) to the cover's size. Where a PSNR budget is given,
    the residual of each image is scaled so that cover and result are that many decibels apart: a projection, so the
    budget holds for every image and not only on the mean, and is used up. A residual far below the budget is enlarged
    by `MAX_GAIN` at most, so that noise is not blown up.

    Args:
        container: The generator's answer, shape (N, 3, S, S), range [0, 1].
        small_cover: The cover that the generator saw, shape (N, 3, S, S), range [0, 1].
        cover: The cover at full size, shape (N, 3, H, W), range [0, 1].
        psnr_db: Least PSNR before rounding to 8 bits, in dB; None for no budget.
        strength: Factor on the residual after the budget; 1 is what the system was trained for.

    Returns:
        The container at full size, shape (N, 3, H, W), range [0, 1], not yet rounded to 8 bits.

    Example:
        >>> cover = torch.full((1, 3, 32, 32), 0.5)
        >>> small = torch.full((1, 3, 16, 16), 0.5)
        >>> carry_residual(small + 0.1, small, cover, psnr_db=40.0)[0, 0, 0, 0]
        tensor(0.5100)
    """
    residual = resize(container - small_cover, (cover.shape[-2], cover.shape[-1]))
    if psnr_db is not None:
        largest_rms = 10 ** (-psnr_db / 20)
        # The added constant keeps the gradient finite where a residual is zero.
        rms = (residual.square().mean(dim=(1, 2, 3), keepdim=True) + 1e-12).sqrt()
        residual = residual * (largest_rms / rms).clamp(max=MAX_GAIN)
    return torch.clamp(cover + strength * residual, 0.0, 1.0)
