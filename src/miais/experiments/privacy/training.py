"""Training an attacker within a budget of time; nothing is resumed inside it, an attack is a row as a whole."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from lightning.fabric import Fabric
from torch import Tensor, nn

from miais.experiments.privacy.containers import BATCH, Report
from miais.image import from_uint8, to_uint8
from miais.losses import restoration_loss
from miais.training.optimization import Mover, step_together
from miais.training.settings import OptimizerSettings

MSE_WEIGHT = 10.0
"""MS-SSIM hardly sees a wrong shade of a whole region; the error's weight brings it to the same size."""
_OPTIMIZER = OptimizerSettings("adamw", lr=2e-3, weight_decay=0.01, schedule="cosine", warmup=0.05, clip_norm=1.0)
_LOOKS = 5
_MOST_HELD_OUT = 64
Inputs = Callable[[Tensor], Tensor]
"""From numbers of pairs, int64, shape (n,), to what the attacker sees of them, float, shape (n, ...)."""


@dataclass(frozen=True)
class Budget:
    """What an attacker may spend.

    Attributes:
        minutes: Of training, for each row.
        steps: At most so many; None: as many as the time allows.

    Raises:
        ValueError: If one of them is not positive.
    """

    minutes: float = 10.0
    steps: int | None = None

    def __post_init__(self) -> None:
        if not self.minutes > 0 or (self.steps is not None and self.steps < 1):
            raise ValueError(f"expected positive minutes and steps, got {self.minutes} and {self.steps}")


class Training(NamedTuple):
    """How an attacker's training went: steps, minutes, and the least loss on the pairs that it held out."""

    steps: int
    minutes: float
    held_out_loss: float


def train_attacker(
    network: nn.Module,
    inputs: Inputs,
    secrets: Tensor,
    *,
    fabric: Fabric,
    budget: Budget,
    seed: int,
    report: Report,
) -> Training:
    """Train a network to draw secrets, and leave it with the weights that were best on held-out pairs.

    AdamW with a cosine schedule over the budget, batches of 16, loss 1 - MS-SSIM + 10 MSE. A tenth of the pairs, 64 at
    most, is held out: who knows few pairs overfits to them, and an attacker would notice.

    Args:
        network: From inputs to secrets (N, 3, S, S); moved to the fabric's device.
        inputs: What it sees.
        secrets: The pairs' secrets, uint8, shape (N, 3, S, S); at least two.
        fabric: Device and precision.
        budget: Of time and steps.
        seed: Of the batches.
        report: Told how far it is.

    Raises:
        ValueError: If there are fewer than two pairs.
    """
    if len(secrets) < 2:
        raise ValueError(f"expected at least 2 pairs to train an attacker with, got {len(secrets)}")
    random = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(secrets), generator=random)
    held_out, own = order.split([count := min(_MOST_HELD_OUT, max(1, len(secrets) // 10)), len(secrets) - count])
    network.to(fabric.device).to(memory_format=torch.channels_last).train()
    mover = Mover([network], _OPTIMIZER)
    best, least, looks, step = network.state_dict(), float("inf"), 0, 0
    start, seconds, share = time.perf_counter(), 60 * budget.minutes, 0.0
    while share < 1:
        mover.set_progress(share)
        chosen = own[torch.randint(len(own), (BATCH,), generator=random)]
        loss = _loss(network, inputs(chosen), secrets[chosen], fabric)
        fabric.backward(loss)
        value = float(loss.detach())
        step_together([mover], usable=math.isfinite(value))
        step += 1
        share = max((time.perf_counter() - start) / seconds, step / budget.steps if budget.steps else 0.0)
        report(f"attacker, loss {value:.3f}", min(share, 1.0), 1.0)
        if share * _LOOKS >= looks + 1:
            looks = int(share * _LOOKS)
            held_out_loss = _held_out_loss(network, inputs, secrets, held_out, fabric)
            if held_out_loss < least:
                least, best = held_out_loss, {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.load_state_dict(best)
    return Training(step, (time.perf_counter() - start) / 60, least)


@torch.inference_mode()
def reconstruct(network: nn.Module, inputs: Inputs, count: int, *, fabric: Fabric, report: Report) -> Tensor:
    """Let an attacker draw the secrets of all test containers, rounded to 8 bits: uint8, shape (count, 3, S, S)."""
    network.eval()
    drawn = []
    for numbers in torch.arange(count).split(BATCH):
        with fabric.autocast():
            images = network(inputs(numbers).to(fabric.device))
        drawn.append(to_uint8(images.float().clamp(0, 1).cpu()))
        report("reconstructions", int(numbers[-1]) + 1, count)
    return torch.cat(drawn)


def _loss(network: nn.Module, seen: Tensor, secrets: Tensor, fabric: Fabric) -> Tensor:
    with fabric.autocast():
        drawn = network(seen.to(fabric.device))
    return restoration_loss(drawn.float(), from_uint8(secrets).to(fabric.device), mse_weight=MSE_WEIGHT)


@torch.inference_mode()
def _held_out_loss(network: nn.Module, inputs: Inputs, secrets: Tensor, numbers: Tensor, fabric: Fabric) -> float:
    network.eval()
    parts = numbers.split(BATCH)
    losses = [float(_loss(network, inputs(part), secrets[part], fabric)) * len(part) for part in parts]
    network.train()
    return sum(losses) / len(numbers)
