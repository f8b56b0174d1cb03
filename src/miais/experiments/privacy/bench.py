"""What all attacks share: the system, who is attacked, and what an attacker may spend."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from lightning.fabric import Fabric
from torch import Tensor

from miais.experiments.privacy.containers import Containers, Report
from miais.experiments.privacy.data import AttackData
from miais.experiments.privacy.recognizer import own_recognizer
from miais.experiments.privacy.training import Budget
from miais.system import StegoSystem

_SHOWN = 8


@dataclass(frozen=True)
class Bench:
    """Where attacks are tried; what several need is made once, when first asked for.

    Attributes:
        system: Under attack.
        data: Who is attacked.
        budget: Of each attacker that is trained.
        fabric: Device and precision of the attackers.
        seed: Of their weights and batches.
        strips: Gets pictures of what they draw.
        report: Told how far things are.
    """

    system: StegoSystem
    data: AttackData
    budget: Budget
    fabric: Fabric
    seed: int
    strips: Path
    report: Report

    @cached_property
    def containers(self) -> Containers:
        """Of the system."""
        return Containers(self.system, self.data, self.report)

    @cached_property
    def plain(self) -> Tensor:
        """Plain test secrets as the system's own secret classifier sees them, shape (N, D)."""
        return own_recognizer(self.system).embed(self.data.test.secrets, self.report)

    @property
    def shown(self) -> Tensor:
        """Numbers of the test secrets in the panel: of eight people, the first picture of each."""
        people = self.data.pairs.people.tolist()
        first = sorted({person: index for index, person in reversed(list(enumerate(people)))}.values())
        return torch.tensor(first[:: max(1, len(first) // _SHOWN)][:_SHOWN])
