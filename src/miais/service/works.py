"""What the networks do for several requests at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from miais.metrics.fidelity import ms_ssim, psnr
from miais.service.batching import Work
from miais.system import StegoSystem

Pictures = Sequence[tuple[Tensor, ...]]


@dataclass(frozen=True)
class Measured:
    """A container and how close it is to its cover.

    Attributes:
        container: Shape (3, H, W), on the grid of 8 bits.
        psnr_db: dB, infinite where the two are equal.
        ms_ssim: In [0, 1]; None where the pictures are too small for it.
    """

    container: Tensor
    psnr_db: float
    ms_ssim: float | None


def works_of(system: StegoSystem) -> dict[str, Work]:
    """Return what a system can be asked: "hide" of secret and cover, "embed" and "restore" of a container."""

    def hide(pictures: Pictures) -> list[Measured]:
        secrets, covers = (torch.stack(side) for side in zip(*pictures, strict=True))
        containers = system.hide(secrets, covers)
        decibels = psnr(containers, covers).tolist()
        return [
            Measured(*measured) for measured in zip(containers, decibels, _similarity(containers, covers), strict=True)
        ]

    def embed(pictures: Pictures) -> list[Tensor]:
        return list(system.embed(torch.stack([container for (container,) in pictures])))

    def restore(pictures: Pictures) -> list[Tensor]:
        return list(system.restore(torch.stack([container for (container,) in pictures])))

    return {"hide": hide, "embed": embed, "restore": restore}


@torch.inference_mode()
def _similarity(containers: Tensor, covers: Tensor) -> Sequence[float | None]:
    try:
        similarities: list[float] = ms_ssim(containers, covers).tolist()
    except ValueError:  # They are smaller than its window.
        return [None] * len(containers)
    return similarities
