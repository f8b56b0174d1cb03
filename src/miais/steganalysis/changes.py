"""Where the change from cover to container sits: bits, levels, channels, colours, frequencies.

All functions take saved pictures as bytes, uint8, shape (N, 3, H, W), cover and container of each at the same place.
"""

import torch
from torch import Tensor

LEVELS = 256
BITS = 8


def changed_bits(covers: Tensor, containers: Tensor) -> Tensor:
    """Return the share of values whose bit differs.

    Returns:
        By channel and bit, the lowest bit first, shape (3, 8), float64, range [0, 1].

    Raises:
        ValueError: If the pictures are not bytes of one shape (N, 3, H, W).

    Example:
        >>> covers = torch.zeros(1, 3, 2, 2, dtype=torch.uint8)
        >>> containers = covers.clone()
        >>> containers[0, 1, 0, 0] = 5
        >>> changed_bits(covers, containers)[1].tolist()
        [0.25, 0.0, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    _check(covers, containers)
    differing = covers ^ containers
    planes = [(differing >> bit & 1).double().mean(dim=(0, 2, 3)) for bit in range(BITS)]
    return torch.stack(planes, dim=1)


def difference_counts(covers: Tensor, containers: Tensor) -> Tensor:
    """Count the signed differences, container less cover.

    Returns:
        By channel and difference from -255 to 255, int64, shape (3, 511).

    Raises:
        ValueError: As `changed_bits`.
    """
    _check(covers, containers)
    differences = containers.short() - covers.short() + (LEVELS - 1)
    return _counts(differences, 2 * LEVELS - 1)


def colour_counts(images: Tensor) -> Tensor:
    """Count the levels of pictures of shape (N, 3, H, W): by channel and level, int64, shape (3, 256)."""
    return _counts(images, LEVELS)


def channel_shares(covers: Tensor, containers: Tensor) -> Tensor:
    """Return each channel's share of the squared error, float64, shape (3,), sum 1; NaN if nothing has changed.

    Raises:
        ValueError: As `changed_bits`.
    """
    energy = _residual(covers, containers).square().sum(dim=(0, 2, 3))
    return energy / energy.sum()


def residual_power(covers: Tensor, containers: Tensor) -> Tensor:
    """Return the mean power spectrum of the residual.

    Returns:
        Of squared grey levels, by frequency down and across, the constant in the middle, float64, shape (H, W). Its
        mean is the mean squared error of a value in grey levels; white noise has that everywhere.

    Raises:
        ValueError: As `changed_bits`.
    """
    spectrum = torch.fft.fft2(_residual(covers, containers), norm="ortho").abs().square()
    return torch.fft.fftshift(spectrum.mean(dim=(0, 1)))


def radial_power(power: Tensor, bins: int = 32) -> tuple[Tensor, Tensor]:
    """Average a power spectrum over all directions.

    Args:
        power: As `residual_power` gives it, shape (H, W).
        bins: Rings of equal width, from the constant to the finest stripes along an axis.

    Returns:
        Frequencies of the rings' middles in cycles per pixel, range (0, 0.5), and the mean power there; shape (bins,).
    """
    down, across = (torch.fft.fftshift(torch.fft.fftfreq(side, dtype=torch.float64)) for side in power.shape)
    radius = (down[:, None].square() + across.square()).sqrt()
    ring = (radius * 2 * bins).long()
    inside = ring < bins
    ring = ring[inside]
    total, count = (
        torch.zeros(bins, dtype=torch.float64).index_add(0, ring, each[inside])
        for each in (power.double(), torch.ones_like(radius))
    )
    return (torch.arange(bins, dtype=torch.float64) + 0.5) / (2 * bins), total / count


def magnified_residual(cover: Tensor, container: Tensor, factor: float) -> Tensor:
    """Show the residual of one picture or more: grey where nothing changed, clamped to what a picture holds.

    Args:
        cover: Bytes, shape (N, 3, H, W).
        container: The same.
        factor: 5 or 10 in the literature.

    Returns:
        Range [0, 1], float32, the same shape.

    Raises:
        ValueError: As `changed_bits`.
    """
    return (0.5 + factor * _residual(cover, container) / (LEVELS - 1)).clamp(0, 1).float()


def _residual(covers: Tensor, containers: Tensor) -> Tensor:
    _check(covers, containers)
    return containers.double() - covers.double()


def _counts(levels: Tensor, size: int) -> Tensor:
    return torch.stack([torch.bincount(each.flatten().long(), minlength=size) for each in levels.unbind(1)])


def _check(covers: Tensor, containers: Tensor) -> None:
    for images in (covers, containers):
        if images.dtype != torch.uint8 or images.dim() != 4 or images.shape[1] != 3:
            raise ValueError(
                f"expected bytes of shape (N, 3, H, W), got {images.dtype} of shape {tuple(images.shape)}; read both "
                "from their files"
            )
    if covers.shape != containers.shape:
        raise ValueError(f"expected covers and containers of one shape, got {covers.shape} and {containers.shape}")
