"""The secret classifier: recognition of plain secrets, θ*_v of Eq. 5, trained first and frozen afterwards."""

from collections.abc import Callable

import torch
from lightning.fabric import Fabric
from torch import Tensor, nn

from miais.data.batches import Batch
from miais.image import from_uint8
from miais.training.minimax import identity_loss
from miais.training.settings import PretrainSettings
from miais.training.supervised import SupervisedTask
from miais.training.task import Validation


class PretrainTask(SupervisedTask[Batch]):
    """L_id of Eqs. 6 and 7 on plain secrets.

    Args:
        fabric: Device and precision.
        classifier: v, on the device.
        settings: Loss, optimiser and length.
        validate: Scores the classifier on people that it was not trained on.
    """

    name = "pretrain"

    def __init__(
        self,
        fabric: Fabric,
        classifier: nn.Module,
        settings: PretrainSettings,
        validate: Callable[[nn.Module], Validation],
    ) -> None:
        super().__init__(fabric, classifier, settings.optimizer, settings.phase.steps, validate)
        self.settings = settings

    def loss(self, batch: Batch) -> Tensor:
        """Return L_id of a batch of secrets."""
        secrets = from_uint8(self.fabric.to_device(batch.secrets)).contiguous(memory_format=torch.channels_last)
        return identity_loss(self.networks(secrets), self.fabric.to_device(batch.labels), self.settings.identity)
