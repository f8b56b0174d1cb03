"""The secret classifier: recognition of plain secrets, θ*_v of Eq. 5, trained first and frozen afterwards."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from lightning.fabric import Fabric
from torch import nn

from miais.data.batches import Batch
from miais.image import from_uint8
from miais.training.minimax import identity_loss
from miais.training.optimization import LossGuard, Mover, StatisticsBackup, step_together
from miais.training.processes import mean_over_processes
from miais.training.settings import PretrainSettings
from miais.training.task import Validation


class PretrainTask:
    """L_id of Eqs. 6 and 7 on plain secrets.

    Args:
        fabric: Device and precision.
        classifier: v, on the device.
        settings: Loss, optimiser and length.
        validate: Scores the classifier.
    """

    def __init__(
        self,
        fabric: Fabric,
        classifier: nn.Module,
        settings: PretrainSettings,
        validate: Callable[[nn.Module], Validation],
    ) -> None:
        self.fabric, self.networks, self.settings = fabric, classifier, settings
        self._validate = validate
        self.mover = Mover([classifier], settings.optimizer)
        self.guard = LossGuard()

    def step(self, step: int, batches: Sequence[Batch]) -> dict[str, float]:
        """Do one optimiser step."""
        self.networks.train()
        backup = StatisticsBackup(self.networks)
        self.mover.set_progress(step / self.settings.phase.steps)
        usable, value = True, 0.0
        for batch in batches:
            secrets = from_uint8(self.fabric.to_device(batch.secrets)).contiguous(memory_format=torch.channels_last)
            with self.fabric.autocast():
                answer = self.networks(secrets)
                loss = identity_loss(answer, self.fabric.to_device(batch.labels), self.settings.identity)
            value = mean_over_processes(self.fabric, {"loss": float(loss.detach())})["loss"]
            usable = usable and self.guard.usable("pretrain", value)
            if usable:
                self.fabric.backward(loss)
        moved = step_together([self.mover], usable=usable)
        if not moved:
            backup.restore()
        self.guard.record("pretrain", moved)
        return {"loss": value, "skipped": float(self.guard.skipped)}

    def validate(self, step: int) -> Validation:
        """Score the classifier on plain secrets of people that it was not trained on."""
        result = self._validate(self.networks)
        self.mover.validated(result.score)
        return result

    def state_dict(self) -> dict[str, Any]:
        """Return all that an exact resume needs."""
        return {
            "networks": self.networks.state_dict(),
            "mover": self.mover.state_dict(),
            "guard": self.guard.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self.networks.load_state_dict(state["networks"])
        self.mover.load_state_dict(state["mover"])
        self.guard.load_state_dict(state["guard"])
