"""The steg-restorer of the paper's Table II: the secret, estimated from the container alone."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint as recompute_in_backward


class Restorer(nn.Module):
    """Restore the secret: forward(container) -> restored, in [0, 1].

    Six 3x3 convolutions with bias, 3-64-128-256-128-64-3 channels at full resolution, BatchNorm and ReLU after the
    first five, a sigmoid at the end; 742,659 parameters.

    In training a stage leaves two maps for the backward pass, the output of its convolution (for the BatchNorm) and
    of its ReLU (for the next convolution): 2.0 GB for 6 images of 256 px. With `checkpoint` only the first is kept,
    1.0 GB, and BatchNorm and ReLU are computed again in the backward pass, never a convolution; values, gradients and
    running statistics are the same. That helps where other networks need memory between this forward and its backward;
    the peak within its own step hardly changes (2.6 and 2.5 GB; 2.2 and 2.1 GB in channels-last layout, also faster).

    Args:
        width: Channels after the first convolution, 64 in the paper; the others scale with it.
        checkpoint: Keep half as much for the backward pass, computing BatchNorm and ReLU twice.

    Shape:
        - container: (N, 3, H, W), range [0, 1], any H and W.
        - restored: the same shape and range.

    Raises:
        ValueError: If `width` is below 1; in `forward`, if the container has another shape.

    References:
        Cui et al., Multitask Identity-Aware Image Steganography via Minimax Optimization, 2021, Table II.

    Example:
        >>> Restorer()(torch.rand(2, 3, 32, 32)).shape
        torch.Size([2, 3, 32, 32])
    """

    def __init__(self, width: int = 64, *, checkpoint: bool = False) -> None:
        super().__init__()
        if width < 1:
            raise ValueError(f"width must be at least 1 channel, got {width}")
        self.checkpoint = checkpoint
        channels = [width, 2 * width, 4 * width, 2 * width, width]
        self.first = nn.Conv2d(3, width, 3, padding=1)
        # A stage starts at a convolution's output, the one map that `checkpoint` keeps.
        self.stages = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(incoming), nn.ReLU(inplace=True), nn.Conv2d(incoming, outgoing, 3, padding=1))
            for incoming, outgoing in zip(channels, [*channels[1:], 3], strict=True)
        )

    def forward(self, container: Tensor) -> Tensor:
        """Restore the secret."""
        if container.dim() != 4 or container.shape[1] != 3:
            raise ValueError(f"container must have shape (N, 3, H, W), got {tuple(container.shape)}")
        features = self.first(container)
        for stage in self.stages:
            if self.checkpoint and torch.is_grad_enabled():
                features = _checkpointed(stage, features)
            else:
                features = stage(features)
        # Under bf16 autocast a sigmoid near 1 would be rounded by a whole grey level.
        return torch.sigmoid(features.to(container.dtype))


def _checkpointed(stage: nn.Module, features: Tensor) -> Tensor:
    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), _untracked(stage)

    # The last thing the recomputation needs is the convolution's input: torch stops there, before the convolution.
    return recompute_in_backward(stage, features, use_reentrant=False, preserve_rng_state=False, context_fn=contexts)


@contextmanager
def _untracked(stage: nn.Module) -> Iterator[None]:
    """Give the recomputation copies of the running statistics, so that each batch updates them only once."""
    owners = [(module, dict(module.named_buffers(recurse=False))) for module in stage.modules()]
    for module, buffers in owners:
        for name, buffer in buffers.items():
            setattr(module, name, buffer.clone())
    try:
        yield
    finally:
        for module, buffers in owners:
            for name, buffer in buffers.items():
                setattr(module, name, buffer)
