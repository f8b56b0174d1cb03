"""Feature maps of the container that follow the secret's: a dense form of distillation."""

from collections.abc import Sequence

import torch
from torch import Tensor


def hint_loss(container_maps: Sequence[Tensor], secret_maps: Sequence[Tensor]) -> Tensor:
    """Relative squared distance between feature maps, mean over images and maps.

    After the hints of FitNets (Romero et al., ICLR 2015): a steg-classifier's inner maps of the container are drawn to
    the secret classifier's maps of the plain secret. One embedding tells the generator little about where to put what;
    thousands of places do.

    Args:
        container_maps: Maps of the containers, each of shape (N, C, H, W) with its own C, H, W.
        secret_maps: Maps of the secrets that they hide, the same shapes.

    Returns:
        Scalar, 0 for equal maps, 1 where the container's are zero.

    Raises:
        ValueError: If there are no maps, or their shapes differ.

    Example:
        >>> hint_loss([torch.zeros(1, 2, 4, 4)], [torch.ones(1, 2, 4, 4)])
        tensor(1.)
    """
    shapes, expected = ([tuple(maps.shape) for maps in side] for side in (container_maps, secret_maps))
    if not shapes or shapes != expected:
        raise ValueError(
            f"expected feature maps of one list of shapes, got {shapes} and {expected}; give the maps of "
            "the same layers, at least one, of both classifiers"
        )
    distances = []
    for container, secret in zip(container_maps, secret_maps, strict=True):
        secret = secret.float().flatten(1)
        gap = (container.float().flatten(1) - secret).square().mean(dim=1)
        distances.append((gap / (secret.square().mean(dim=1) + 1e-12)).mean())
    return torch.stack(distances).mean()
