"""The networks of Algorithm 1, and which of them a stage moves."""

from typing import Literal

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

Stage = Literal["joint", "A", "B"]
"""Joint training by Eq. 9 or 10, Stage A by Eq. 12, or Stage B by Eq. 13 or 14."""


class MinimaxNetworks(nn.Module):
    """All networks of Fig. 3.

    Args:
        generator: h, θh.
        classifiers: f1 and f2, θf1 and θf2; the joint objective uses f1 alone.
        secret_classifier: v, θ*_v: always in eval mode, never stepped.
        restorer: r, θr; None for single-task.
    """

    def __init__(
        self,
        generator: nn.Module,
        classifiers: tuple[nn.Module, nn.Module],
        secret_classifier: nn.Module,
        restorer: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.generator = generator
        self.classifiers = nn.ModuleList(classifiers)
        self.restorer = restorer
        self.secret_classifier = secret_classifier

    def moving(self, stage: Stage) -> list[nn.Module]:
        """Return the networks that a stage updates; all others are fixed in it."""
        hiders = [self.generator] if self.restorer is None else [self.generator, self.restorer]
        match stage:
            case "A":
                return list(self.classifiers)
            case "B":
                return hiders
            case "joint":
                return [*hiders, self.classifiers[0]]

    def enter_stage(
        self, stage: Stage, *, fixed: Literal["eval", "train"], batch_statistics: Literal["own", "kept"] = "own"
    ) -> None:
        """Fix all networks but those that the stage moves.

        A fixed network gets no gradients of its own (they do flow through it). In mode "eval" its dropout is off and
        its batch statistics rest; in mode "train", the authors' reading, fixed only means not stepped. With
        `batch_statistics` "kept", f1, f2 and h always normalise with the statistics that they started with.
        """
        moving = {id(network) for network in self.moving(stage)}
        for network in self.children_flat():
            moves = id(network) in moving
            network.requires_grad_(moves)
            network.train(moves or (fixed == "train" and network is not self.secret_classifier))
        if batch_statistics == "kept":
            for module in (*self.classifiers.modules(), *self.generator.modules()):
                if isinstance(module, _BatchNorm):
                    module.eval()

    def children_flat(self) -> list[nn.Module]:
        """Return h, f1, f2, v and, where there is one, r."""
        networks = [self.generator, *self.classifiers, self.secret_classifier]
        return networks if self.restorer is None else [*networks, self.restorer]

    def by_role(self) -> dict[str, nn.Module]:
        """Return the networks by the names that a system's files have."""
        first, second = self.classifiers
        roles = {"generator": self.generator, "classifier_1": first, "classifier_2": second}
        roles["secret_classifier"] = self.secret_classifier
        return roles if self.restorer is None else {**roles, "restorer": self.restorer}
