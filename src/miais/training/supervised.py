"""One network, one loss, one optimiser: what the secret classifier and the detectors are trained by."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Generic

from lightning.fabric import Fabric
from torch import Tensor, nn

from miais.data.batches import AnyBatch
from miais.training.optimization import LossGuard, Mover, StatisticsBackup, step_together
from miais.training.processes import mean_over_processes
from miais.training.settings import OptimizerSettings
from miais.training.task import Validation


class SupervisedTask(ABC, Generic[AnyBatch]):
    """A `TrainingTask` that minimises the loss of a batch.

    Args:
        fabric: Device and precision.
        network: On the device.
        optimizer: How it moves.
        steps: Of the whole training.
        validate: Scores the network.
    """

    name: str
    """Of the network, in messages."""

    def __init__(
        self,
        fabric: Fabric,
        network: nn.Module,
        optimizer: OptimizerSettings,
        steps: int,
        validate: Callable[[nn.Module], Validation],
    ) -> None:
        self.fabric, self.networks, self.steps = fabric, network, steps
        self._validate = validate
        self.mover = Mover([network], optimizer)
        self.guard = LossGuard()

    @abstractmethod
    def loss(self, batch: AnyBatch) -> Tensor:
        """Return the loss of a batch, a scalar; called under autocast."""

    def step(self, step: int, batches: Sequence[AnyBatch]) -> dict[str, float]:
        """Do one optimiser step."""
        self.networks.train()
        backup = StatisticsBackup(self.networks)
        self.mover.set_progress(step / self.steps)
        usable, value = True, 0.0
        for batch in batches:
            with self.fabric.autocast():
                loss = self.loss(batch)
            value = mean_over_processes(self.fabric, {"loss": float(loss.detach())})["loss"]
            usable = usable and self.guard.usable(self.name, value)
            if usable:
                self.fabric.backward(loss)
        moved = step_together([self.mover], usable=usable)
        if not moved:
            backup.restore()
        self.guard.record(self.name, moved)
        return {"loss": value, "skipped": float(self.guard.skipped)}

    def validate(self, step: int) -> Validation:
        """Score the network on what it was not trained on."""
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
