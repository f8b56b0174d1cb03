"""From secrets and covers to what the receiver's networks see: the way that a container travels, in training."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from miais.distortions import OFFICIAL_DISTORTIONS, ROAD_DISTORTIONS, RandomDistortion
from miais.hiding import as_seen, hide_in
from miais.image import quantize, resize
from miais.training.settings import TransitSettings

_DISTORTIONS = {
    "none": None,
    "official": RandomDistortion(OFFICIAL_DISTORTIONS),
    "road": RandomDistortion(ROAD_DISTORTIONS),
}


class Sample(NamedTuple):
    """A batch on the device.

    Attributes:
        secrets: Shape (M, 3, S, S), range [0, 1]; with triplets anchors, positives, negatives.
        labels: Identities, int64, shape (M,).
        covers: Shape (M, 3, H, W), range [0, 1].
    """

    secrets: Tensor
    labels: Tensor
    covers: Tensor


class Passage(NamedTuple):
    """A container and what arrives of it.

    Attributes:
        covers: The covers at the size that the container has, shape (M, 3, H, W).
        containers: As sent, shape (M, 3, H, W).
        arrived: After the noise layers, where there are any, shape (M, 3, H, W).
        seen: What the receiver's networks look at, shape (M, 3, S, S), or (M, 3, H, W) if they work at full size.
    """

    covers: Tensor
    containers: Tensor
    arrived: Tensor
    seen: Tensor


class Transit:
    """Hides, carries the residual to the cover's size, rounds, distorts, and resizes for the receiver.

    Args:
        settings: What happens on the way.
        image_size: S of the networks.
    """

    def __init__(self, settings: TransitSettings, image_size: int) -> None:
        self.settings = settings
        self.image_size = image_size
        self._distort = _DISTORTIONS[settings.distortions]

    def __call__(
        self, generator: nn.Module, sample: Sample, *, psnr_db: float | None, random: torch.Generator
    ) -> Passage:
        """Send a batch.

        Args:
            generator: h of Eq. 1.
            sample: Secrets and covers.
            psnr_db: Budget of this step in dB.
            random: Draws container sizes and distortions; on the CPU.
        """
        covers = resize(sample.covers, self._size(sample.covers, random))
        containers = hide_in(generator, sample.secrets, covers, psnr_db=psnr_db)
        if self.settings.quantize:
            containers = quantize(containers)
        arrived = containers if self._distort is None else self._distort(containers, covers, random)
        return Passage(covers, containers, arrived, as_seen(generator, arrived, self.image_size))

    def _size(self, covers: Tensor, random: torch.Generator) -> tuple[int, int]:
        sizes = self.settings.sizes
        if not sizes:
            return covers.shape[-2], covers.shape[-1]
        height, width = torch.randint(len(sizes), (2,), generator=random).tolist()
        return sizes[height], sizes[width]
