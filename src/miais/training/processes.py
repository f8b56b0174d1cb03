"""What the processes of a distributed run share, so that all hold the same networks and decide alike."""

from collections.abc import Sequence

import torch
import torch.distributed
from lightning.fabric import Fabric
from torch import Tensor, nn


def mean_over_processes(fabric: Fabric, numbers: dict[str, float]) -> dict[str, float]:
    """Average numbers over the processes; one that is not finite anywhere is not finite everywhere.

    A step that one process skips and another takes would leave the other waiting for ever.

    Args:
        fabric: Of the run.
        numbers: The same keys in every process.
    """
    if fabric.world_size == 1:
        return numbers
    values = torch.tensor(list(numbers.values()), device=fabric.device)
    torch.distributed.all_reduce(values)
    return dict(zip(numbers, (values / fabric.world_size).tolist(), strict=True))


def average_over_processes(tensors: Sequence[Tensor]) -> None:
    """Replace tensors, all of one type and device, by their means over the processes, in one message."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()) or not tensors:
        return
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    torch.distributed.all_reduce(flat)
    flat /= torch.distributed.get_world_size()
    for tensor, mean in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
        tensor.copy_(mean.view_as(tensor))


def moving_statistics(networks: nn.Module) -> list[Tensor]:
    """Return the batch-norm statistics that a forward pass moves: those of modules in training mode."""
    training = (module for module in networks.modules() if module.training)
    return [buffer for module in training for buffer in module.buffers(recurse=False) if buffer.is_floating_point()]
