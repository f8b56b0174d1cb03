"""One optimiser with its schedule, and what keeps a bad batch from touching the networks."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import nn

from miais.training.processes import average_over_processes, moving_statistics
from miais.training.settings import OptimizerSettings

PLATEAU_FACTOR = 0.2  # paper, section IV-A4


class Mover:
    """Steps the parameters of some networks.

    Args:
        networks: Whose parameters move; they may share some.
        settings: Optimiser, learning rate and schedule.
    """

    def __init__(self, networks: Iterable[nn.Module], settings: OptimizerSettings) -> None:
        self.settings = settings
        # Each once, also where two networks share it: it is one weight, with one gradient, and takes one step.
        self.parameters = list(nn.ModuleList(networks).parameters())
        self.optimizer = self._optimizer()
        self.plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
            self.optimizer, mode="max", threshold_mode="abs", factor=PLATEAU_FACTOR, patience=10
        )

    def _optimizer(self) -> torch.optim.Optimizer:
        settings, parameters = self.settings, self.parameters
        lr, momentum, decay = settings.lr, settings.momentum, settings.weight_decay
        betas, eps = (momentum, settings.second_beta), settings.eps
        match settings.name:
            case "sgd":
                return torch.optim.SGD(parameters, lr, momentum=momentum, weight_decay=decay)
            case "adadelta":
                return torch.optim.Adadelta(parameters, lr, rho=momentum, eps=eps, weight_decay=decay)
            case "adam":
                return torch.optim.Adam(parameters, lr, betas=betas, eps=eps, weight_decay=decay)
            case "adamax":
                return torch.optim.Adamax(parameters, lr, betas=betas, eps=eps, weight_decay=decay)
            case "adamw":
                return torch.optim.AdamW(parameters, lr, betas=betas, eps=eps, weight_decay=decay)

    def set_progress(self, progress: float) -> None:
        """Set the learning rate for a share of the steps done, in [0, 1]; a plateau schedule keeps its own."""
        if self.settings.schedule == "plateau":
            return
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.lr * self._factor(progress)

    def _factor(self, progress: float) -> float:
        if self.settings.schedule == "constant":
            return 1.0
        warmup = self.settings.warmup
        if progress < warmup:
            return max(progress / warmup, 1e-3)
        return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))

    def validated(self, score: float) -> None:
        """Tell a plateau schedule the validated score."""
        if self.settings.schedule == "plateau":
            self.plateau.step(score)

    def prepare(self) -> bool:
        """Average the gradients over the processes and clip them.

        Returns:
            False if a gradient is not finite.
        """
        average_over_processes([parameter.grad for parameter in self.parameters if parameter.grad is not None])
        limit = self.settings.clip_norm or math.inf
        return bool(nn.utils.clip_grad_norm_(self.parameters, limit).isfinite())

    def state_dict(self) -> dict[str, Any]:
        """Return the optimiser's and the plateau schedule's state."""
        return {"optimizer": self.optimizer.state_dict(), "plateau": self.plateau.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self.optimizer.load_state_dict(state["optimizer"])
        for parameter, moments in self.optimizer.state.items():
            for name, moment in moments.items():
                if torch.is_tensor(moment) and moment.shape == parameter.shape:
                    # In the parameter's memory layout, as it was: as fast as before, and the same to the last bit.
                    moments[name] = torch.empty_like(parameter, requires_grad=False).copy_(moment)
        self.plateau.load_state_dict(state["plateau"])


class StatisticsBackup:
    """The batch-norm statistics before a step: a bad batch spoils them in its forward pass, before its loss is known.

    Args:
        networks: In the modes in which they do the step.
    """

    def __init__(self, networks: nn.Module) -> None:
        self._statistics = moving_statistics(networks)
        self._before = [statistic.clone() for statistic in self._statistics]

    def restore(self) -> None:
        """Undo what the step's forward passes did."""
        for statistic, before in zip(self._statistics, self._before, strict=True):
            statistic.copy_(before)


def step_together(movers: Sequence[Mover], *, usable: bool) -> bool:
    """Move all networks, or none of them, and forget the gradients.

    Args:
        movers: Whose gradients are ready.
        usable: Whether the losses were.

    Returns:
        False if the losses or a gradient were not usable; then nothing moved.
    """
    usable = usable and all(mover.prepare() for mover in movers)
    for mover in movers:
        if usable:
            mover.optimizer.step()
        mover.optimizer.zero_grad(set_to_none=True)
    return usable


class TrainingDivergedError(RuntimeError):
    """Too many steps had a loss or a gradient that was not usable."""


class LossGuard:
    """Counts steps that must be skipped and stops a run that has too many of them.

    Args:
        limit: Skipped steps of one stage in a row after which the run stops.
        jump: A loss this many times farther from zero than its running mean counts as exploding.
    """

    def __init__(self, limit: int = 20, jump: float = 10.0) -> None:
        self.limit, self.jump = limit, jump
        self.skipped = 0
        self.in_a_row: dict[str, int] = {}
        self.means: dict[str, float] = {}

    def usable(self, stage: str, loss: float) -> bool:
        """Return whether a loss is finite and not exploding; usable ones enter the stage's running mean."""
        mean = self.means.get(stage)
        # Either way: Eq. 12 subtracts the discrepancy, and has no lower end.
        good = math.isfinite(loss) and (mean is None or abs(loss) < self.jump * (abs(mean) + 1))
        if good:
            self.means[stage] = loss if mean is None else 0.95 * mean + 0.05 * loss
        return good

    def record(self, stage: str, usable: bool) -> None:
        """Count a step; each stage for itself, as the stages that still work must not hide one that does not.

        Raises:
            TrainingDivergedError: After `limit` skipped steps of the stage in a row.
        """
        self.in_a_row[stage] = 0 if usable else self.in_a_row.get(stage, 0) + 1
        self.skipped += not usable
        if self.in_a_row[stage] >= self.limit:
            raise TrainingDivergedError(
                f"{self.in_a_row[stage]} steps of the stage {stage!r} in a row had a loss or gradient that was not "
                "finite or exploded, and were skipped. Lower the learning rates (--set generator_optimizer.lr=...) or "
                "clip the gradients (--set generator_optimizer.clip_norm=1), and start anew"
            )

    def state_dict(self) -> dict[str, Any]:
        """Return the counts and means, JSON values only."""
        return {"skipped": self.skipped, "in_a_row": self.in_a_row, "means": self.means}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self.skipped, self.in_a_row, self.means = state["skipped"], dict(state["in_a_row"]), dict(state["means"])
