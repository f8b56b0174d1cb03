"""A generator and a restorer as one peer: what all methods but the invertible one have in common."""

import torch
from torch import Tensor, nn

from miais.peers.interface import Passage
from miais.peers.noise import standard_normal
from miais.peers.shapes import check_images, check_pair


class NetworkPair(nn.Module):
    """A `Peer` of two networks that share no weights.

    Args:
        generator: From secret and cover, range [0, 1], to a container on that scale, whose values may leave it.
        restorer: From such a container to the secret, likewise.
        sigmoid: At the end of the restorer.
        noise: Standard deviation of what falls on the container before it is read, in training only.
        side_step: Heights and widths must be multiples of it.

    Shape:
        - secret, cover: (N, 3, H, W), range [0, 1].
        - container, restored: the same shape.

    Raises:
        ValueError: If `noise` is negative; from `hide`, `reveal` and the pass, if a shape is wrong.
        TypeError: From those, if images are not floating point.
    """

    def __init__(
        self,
        generator: nn.Module,
        restorer: nn.Module,
        *,
        sigmoid: bool = False,
        noise: float = 0.0,
        side_step: int = 1,
    ) -> None:
        super().__init__()
        if noise < 0:
            raise ValueError(f"expected a noise of at least 0, got {noise}")
        self.generator, self.restorer = generator, restorer
        self.sigmoid, self.noise, self.side_step = sigmoid, noise, side_step

    def forward(self, secret: Tensor, cover: Tensor, *, random: torch.Generator | None = None) -> Passage:
        """Hide, add the noise in training, restore."""
        container = self._conceal(secret, cover)
        if not (self.training and self.noise):
            return Passage(container, self._restore(container))
        return Passage(container, self._restore(container + self.noise * standard_normal(container, random)))

    def hide(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Hide each secret in its cover."""
        return self._conceal(secret, cover).clamp(0, 1)

    def reveal(self, container: Tensor) -> Tensor:
        """Restore the secret of each container."""
        return self._restore(container).clamp(0, 1)

    def _conceal(self, secret: Tensor, cover: Tensor) -> Tensor:
        check_pair(secret, cover, step=self.side_step)
        container: Tensor = self.generator(secret, cover)
        return container

    def _restore(self, container: Tensor) -> Tensor:
        check_images("container", container, step=self.side_step)
        # Under bf16 autocast a sigmoid near 1 would be rounded by a whole grey level.
        restored: Tensor = self.restorer(container).to(container.dtype)
        return restored.sigmoid() if self.sigmoid else restored
