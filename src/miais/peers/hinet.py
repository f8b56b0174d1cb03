"""HiNet: invertible blocks between the wavelet sub-bands of cover and secret, run backwards to restore.

Jing, Deng, Xu, Wang, Guan, HiNet: Deep Image Hiding by Invertible Network, ICCV 2021. At the authors' size, scale and
initial weights.
"""

from typing import Literal, cast

import torch
from torch import Tensor, nn

from miais.peers.haar import haar, inverse_haar
from miais.peers.interface import Passage
from miais.peers.invertible_blocks import DenseSubnet, InvertibleBlocks
from miais.peers.method import AdamSettings, PeerMethod
from miais.peers.noise import standard_normal
from miais.peers.shapes import check_images, check_pair

_DEVIATION = 0.01
_LOW = 3
"""Channels of LL."""
_SIDE_STEP = 2


class HiNet(nn.Module):
    """Sixteen invertible blocks, 4,050,240 parameters, that hide forwards and restore backwards.

    What the blocks leave over beside the container is lost. Backwards they start from noise in its place: drawn for
    each image in training; in use always the same, so that a container has one answer.

    Args:
        blocks: Invertible blocks.
        growth: Channels that each convolution of a block's subnets adds.
        lost: What stands for the lost part in use: noise from `seed`, or zeros.
        seed: Of that noise.

    Shape:
        - secret, cover: (N, 3, H, W), range [0, 1], H and W even.
        - container, restored: the same shape.

    Raises:
        ValueError: If a size is below 1 or `lost` unknown; from `hide`, `reveal` and the pass, if a shape is wrong.

    Example:
        >>> peer = HiNet(blocks=1, growth=2).eval()
        >>> peer.reveal(torch.rand(1, 3, 14, 18)).shape
        torch.Size([1, 3, 14, 18])
    """

    def __init__(
        self, blocks: int = 16, growth: int = 32, *, lost: Literal["noise", "zeros"] = "noise", seed: int = 0
    ) -> None:
        super().__init__()
        if lost not in ("noise", "zeros"):
            raise ValueError(f"expected lost to be 'noise' or 'zeros', got {lost!r}")
        self.lost, self.seed = lost, seed
        self.blocks = InvertibleBlocks(blocks, growth)
        self.apply(_initialise)

    def forward(self, secret: Tensor, cover: Tensor, *, random: torch.Generator | None = None) -> Passage:
        """Hide, draw noise for what is lost, restore."""
        container, lost = self.run_forwards(secret, cover)
        restored, _ = self.run_backwards(container, standard_normal(lost, random))
        return Passage(container, restored)

    def hide(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Hide each secret in its cover."""
        return self.run_forwards(secret, cover)[0].clamp(0, 1)

    def reveal(self, container: Tensor) -> Tensor:
        """Restore the secret of each container."""
        check_images("container", container, step=_SIDE_STEP)
        lost = torch.zeros_like(haar(container[:1]))
        if self.lost == "noise":
            # One draw for the whole batch: an image's answer must not depend on its place there.
            lost = standard_normal(lost, torch.Generator().manual_seed(self.seed))
        return self.run_backwards(container, lost.expand(len(container), -1, -1, -1))[0].clamp(0, 1)

    def run_forwards(self, secret: Tensor, cover: Tensor) -> tuple[Tensor, Tensor]:
        """Return the container, not clamped, and the sub-bands (N, 12, H/2, W/2) of what is lost beside it."""
        check_pair(secret, cover, step=_SIDE_STEP)
        container, lost = self.blocks(haar(cover), haar(secret))
        return inverse_haar(container), lost

    def run_backwards(self, container: Tensor, lost: Tensor) -> tuple[Tensor, Tensor]:
        """Return secret and cover, not clamped: exact if `lost` is what `run_forwards` gave beside the container."""
        check_images("container", container, step=_SIDE_STEP)
        cover, secret = self.blocks.inverse(haar(container), lost)
        return inverse_haar(secret), inverse_haar(cover)


def _initialise(module: nn.Module) -> None:
    """Small weights and biases, zeros in the last convolution of each subnet."""
    if isinstance(module, DenseSubnet):
        for convolution in module.convolutions[:-1]:
            for parameter in cast(nn.Conv2d, convolution).parameters():
                nn.init.normal_(parameter, std=_DEVIATION)


def hinet_loss(secret: Tensor, cover: Tensor, passage: Passage) -> Tensor:
    """Squared errors of the restored secret, weight 5, of the container, and of the container's low frequencies.

    Args:
        secret: Shape (N, 3, H, W), range [0, 1], H and W even.
        cover: The same shape and range.
        passage: What the network made of them.

    Returns:
        Scalar, sum over all values of the batch, as in the authors' code: in hundreds where other losses are below 1.
    """
    change = passage.container - cover
    low = haar(change)[:, :_LOW]
    return 5 * (passage.restored - secret).square().sum() + change.square().sum() + low.square().sum()


METHOD = PeerMethod(
    "HiNet",
    HiNet,
    hinet_loss,
    AdamSettings(lr=10**-4.5, betas=(0.5, 0.999), eps=1e-6, weight_decay=1e-5, clip_norm=1.0),
    side_step=_SIDE_STEP,
    loss_reduction="sum",
)
"""The authors do not clip: their training explodes now and then, and goes on from an older state at a lower rate."""
