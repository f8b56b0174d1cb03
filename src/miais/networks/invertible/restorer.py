"""Our steg-restorer of invertible blocks: the generator's own, run backwards."""

import torch
from torch import Tensor, nn

from miais.networks.invertible.blocks import InvertibleBlocks
from miais.networks.invertible.generator import GREY, InvertibleGenerator
from miais.networks.invertible.haar import haar, inverse_haar


class InvertibleRestorer(nn.Module):
    """Steg-restorer r of Eq. 3 that undoes an `InvertibleGenerator`.

    What the generator gave up is taken to be zero, not drawn: a container then always gives the same picture.

    Args:
        image_size: Side S of the square images in pixels, as the generator's.
        blocks: As the generator's.
        growth: As the generator's.

    Shape:
        container (N, 3, S, S) in [0, 1] -> restored secret (N, 3, S, S) in [0, 1].
    """

    def __init__(self, image_size: int = 112, *, blocks: int = 16, growth: int = 32) -> None:
        super().__init__()
        if image_size % 2 or image_size < 2:
            raise ValueError(f"expected an even image_size, got {image_size}")
        self.image_size = image_size
        self.blocks = InvertibleBlocks(blocks, growth)

    def share(self, generator: nn.Module) -> None:
        """Run the generator's blocks from now on, instead of fresh ones: the same weights, not a copy of them.

        Raises:
            ValueError: If it is not an `InvertibleGenerator` of the same sizes.
        """
        if not isinstance(generator, InvertibleGenerator):
            raise ValueError(
                f"expected an invertible generator, whose blocks an invertible restorer runs backwards, got a "
                f"{type(generator).__name__}; choose both of one kind"
            )
        sizes, wanted = ((it.image_size, len(it.blocks.blocks), it.blocks.growth) for it in (generator, self))
        if sizes != wanted:
            raise ValueError(
                f"expected a generator of the restorer's image_size, blocks and growth, {wanted}, got {sizes}; give "
                "both the same arguments"
            )
        self.blocks = generator.blocks

    def forward(self, container: Tensor) -> Tensor:
        """Restore the secret of each container."""
        if container.shape[-2:] != (self.image_size, self.image_size):
            raise ValueError(
                f"expected containers of {self.image_size}x{self.image_size} px, got {tuple(container.shape)}"
            )
        bands = haar(container - GREY)
        _, secret = self.blocks.inverse(bands, torch.zeros_like(bands))
        return (inverse_haar(secret) + GREY).clamp(0, 1)
