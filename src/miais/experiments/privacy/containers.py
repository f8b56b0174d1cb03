"""The containers under attack, made when first asked for: a row that is known already needs none."""

import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from miais.experiments.privacy.data import AttackData, Hidings
from miais.image import from_uint8, read_image, to_uint8, write_png
from miais.system import StegoSystem

BATCH = 16
Report = Callable[[str, float, float], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class Containers:
    """A system's containers: those to train attackers with, and those to try them on.

    Args:
        system: That hides.
        data: What and where.
        report: Told how far it is.
    """

    def __init__(self, system: StegoSystem, data: AttackData, report: Report) -> None:
        self.system, self.data, self.report = system, data, report

    @cached_property
    def train(self) -> Tensor:
        """In memory alone, rounded to 8 bits as a file is: uint8, shape (N, 3, H, W)."""
        hidings, made = self.data.train, []
        for start in range(0, len(hidings), BATCH):
            made.append(to_uint8(self._hide(hidings, start, 0)))
            self.report("containers to train with", start + len(made[-1]), len(hidings))
        return torch.cat(made)

    @cached_property
    def test(self) -> Tensor:
        """Written as PNG and read again: uint8, shape (copies, N, 3, H, W)."""
        hidings = self.data.test
        count, copies = hidings.chosen.shape
        received = torch.empty((copies, count, *hidings.covers.shape[1:]), dtype=torch.uint8)
        with tempfile.TemporaryDirectory(prefix="miais-") as folder:
            for copy in range(copies):
                for start in range(0, count, BATCH):
                    for index, container in enumerate(self._hide(hidings, start, copy), start=start):
                        path = Path(folder) / f"{index:05d}-{copy}.png"
                        write_png(path, container)
                        received[copy, index] = to_uint8(read_image(path))
                        path.unlink()
                    self.report("containers to attack", copy * count + min(start + BATCH, count), copies * count)
        return received

    def shown(self, numbers: Tensor) -> Tensor:
        """Hide some test secrets in their first covers; as `test` has them, without making the others."""
        if "test" in self.__dict__:
            return self.test[0, numbers]
        hidings = self.data.test
        covers = hidings.covers[hidings.chosen[numbers, 0]]
        return to_uint8(self.system.hide(from_uint8(hidings.secrets[numbers]), from_uint8(covers)))

    def _hide(self, hidings: Hidings, start: int, copy: int) -> Tensor:
        part = slice(start, start + BATCH)
        covers = hidings.covers[hidings.chosen[part, copy]]
        return self.system.hide(from_uint8(hidings.secrets[part]), from_uint8(covers))
