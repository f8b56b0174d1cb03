"""Our steg-generator of invertible blocks: the container is what the cover's branch has become."""

from torch import Tensor, nn

from miais.networks.invertible.blocks import InvertibleBlocks
from miais.networks.invertible.haar import haar, inverse_haar

GREY = 0.5
"""Branches are differences to it. The restorer's guess of what was lost, zero, is then a grey secret and not a black
one, which would lie at the end of the range, and the convolutions' zero padding is no dark frame."""


class InvertibleGenerator(nn.Module):
    """Steg-generator h of Eq. 1 whose blocks can be run backwards by an `InvertibleRestorer`.

    Args:
        image_size: Side S of the square images in pixels, even.
        blocks: Invertible blocks; 16 of growth 32 are those of HiNet. On a CPU, 3 of growth 8 cost about as much as a
            `ResidualGenerator` and a `ResidueRestorer` of width 32.
        growth: Channels that each convolution of a block's subnets adds.

    Shape:
        secret, cover (N, 3, S, S) in [0, 1] -> container (N, 3, S, S) in [0, 1].
    """

    def __init__(self, image_size: int = 112, *, blocks: int = 16, growth: int = 32) -> None:
        super().__init__()
        if image_size % 2 or image_size < 2:
            raise ValueError(f"expected an even image_size, got {image_size}")
        self.image_size = image_size
        self.blocks = InvertibleBlocks(blocks, growth)

    def forward(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Hide each secret in its cover; what does not fit into the container is given up."""
        if secret.shape != cover.shape or secret.shape[-2:] != (self.image_size, self.image_size):
            raise ValueError(
                f"expected secret and cover of shape (N, 3, {self.image_size}, {self.image_size}), got "
                f"{tuple(secret.shape)} and {tuple(cover.shape)}"
            )
        container, _ = self.blocks(haar(cover - GREY), haar(secret - GREY))
        return (inverse_haar(container) + GREY).clamp(0, 1)
