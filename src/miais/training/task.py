"""What the training loop needs to know of the thing it trains."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from torch import Tensor, nn

from miais.data.batches import Labelled

AnyBatch = TypeVar("AnyBatch", bound=Labelled, contravariant=True)


@dataclass(frozen=True)
class Validation:
    """A task's state on people and covers that training does not see.

    Attributes:
        score: Higher is better, 1 at most; the best one's weights are kept, and a plateau schedule watches it.
        numbers: For the log.
        grid: A picture for the log, shape (3, H, W), range [0, 1]; None for none.
    """

    score: float
    numbers: dict[str, float]
    grid: Tensor | None = None


class TrainingTask(Protocol[AnyBatch]):
    """What is trained, and how: the secret classifier, the hiding, or a detector."""

    @property
    def networks(self) -> nn.Module:
        """What is trained; the best one's weights are kept."""

    def step(self, step: int, batches: Sequence[AnyBatch]) -> dict[str, float]:
        """Do one optimiser step with some batches and return its losses, for the log."""

    def validate(self, step: int) -> Validation:
        """Score the networks as they are after `step` steps."""

    def state_dict(self) -> dict[str, Any]:
        """Return all that an exact resume needs."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
