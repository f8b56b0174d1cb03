"""The training loop: steps, progress bar, logs, validation, checkpoints, early stop and resume."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

import torch
from lightning.fabric import Fabric
from lightning.fabric.loggers import TensorBoardLogger
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch.utils.data import Dataset

from miais.data.batches import AnyBatch, batch_loader
from miais.image import write_png
from miais.training.checkpoint import load_checkpoint, save_checkpoint
from miais.training.interrupt import InterruptFlag
from miais.training.pace import Pace
from miais.training.processes import average_over_processes, mean_over_processes, moving_statistics
from miais.training.settings import PhaseSettings
from miais.training.task import TrainingTask, Validation


@dataclass(frozen=True)
class LoopResult:
    """How a phase ended.

    Attributes:
        steps: Optimiser steps done in all, earlier runs included.
        finished: All steps were done.
        best_score: Of the best validation, NaN if none was done.
        seconds: Of the whole phase, earlier runs included.
        images_per_second: Of this run, validation and waiting left out.
        waiting_share: Of the time of this run's steps, in [0, 1]: how much of it no batch was ready.
        interrupted: Stopped by Ctrl-C.
    """

    steps: int
    finished: bool
    best_score: float
    seconds: float
    images_per_second: float
    waiting_share: float
    interrupted: bool

    @property
    def stopped(self) -> bool:
        """Whether nothing may follow: not all steps were done, or Ctrl-C came with the last one."""
        return self.interrupted or not self.finished


class TrainingLoop(Generic[AnyBatch]):
    """Runs a task to its end, or to the end of the time.

    Args:
        fabric: Device, precision and processes.
        task: What is trained.
        data: Its batches, by their steps.
        phase: Length and rhythm.
        folder: Gets `checkpoint/`, `best/`, `logs/` and `samples/`.
        seed: Of dropout; each step seeds itself, so that a resumed run repeats the uninterrupted one.
        workers: Loader processes.
    """

    def __init__(
        self,
        fabric: Fabric,
        task: TrainingTask[AnyBatch],
        data: Dataset[AnyBatch],
        phase: PhaseSettings,
        folder: Path,
        *,
        seed: int,
        workers: int = 1,
    ) -> None:
        self.fabric, self.task, self.data, self.phase, self.folder = fabric, task, data, phase, folder
        self.seed, self.workers = seed, workers
        self.step, self.best_score = 0, float("nan")
        self._saved_step: int | None = None
        self._pace = Pace()
        self._started, self._earlier_seconds = time.monotonic(), 0.0
        self._interrupted = False

    def resume(self) -> None:
        """Take up the newest checkpoint in the folder.

        Raises:
            FileNotFoundError: If there is none.
        """
        self.step, state = load_checkpoint(self.folder / "checkpoint")
        self.task.load_state_dict(state["task"])
        self.best_score, self._earlier_seconds = float(state["best_score"]), float(state["seconds"])
        self._saved_step = self.step

    def run(self, *, minutes: float | None = None) -> LoopResult:
        """Train until all steps are done, the time is over, or Ctrl-C; a checkpoint is written in every case.

        Args:
            minutes: Wall time of this run; None for no limit.
        """
        self._started = time.monotonic()
        deadline = None if minutes is None else self._started + 60 * minutes
        logger = _logger(self.folder)
        with InterruptFlag() as interrupt, self._progress() as progress:
            bar = progress.add_task(self.folder.name, total=self.phase.steps, completed=self.step, note="")
            for batches in self._batches():
                numbers = self._step(batches)
                if self.step % self.phase.log_every == 0:
                    rate = self._pace.images_per_second
                    pace = {"images_per_second": rate, "waiting_share": self._pace.waiting_share}
                    logger.log_metrics({**numbers, **pace}, self.step)
                    progress.update(bar, note=_summary(numbers, rate))
                progress.update(bar, completed=self.step)
                if self.step % self.phase.validate_every == 0 or self.step == self.phase.steps:
                    self._validate(logger, progress)
                if self._must_stop(interrupt.raised, deadline):
                    break
        self._save()
        logger.finalize("success")
        return LoopResult(
            steps=self.step,
            finished=self.step >= self.phase.steps,
            best_score=self.best_score,
            seconds=self._seconds(),
            images_per_second=self._pace.images_per_second,
            waiting_share=self._pace.waiting_share,
            interrupted=self._interrupted,
        )

    def _must_stop(self, interrupted: bool, deadline: float | None) -> bool:
        late = deadline is not None and time.monotonic() > deadline
        reasons = mean_over_processes(self.fabric, {"interrupted": float(interrupted), "late": float(late)})
        self._interrupted = reasons["interrupted"] > 0
        return any(reasons.values())

    def _batches(self) -> Iterator[Sequence[AnyBatch]]:
        every = self.phase.accumulate
        loader = batch_loader(
            self.data,
            self.step * every,
            self.phase.steps * every,
            self.workers,
            pin_memory=self.fabric.device.type == "cuda",
        )
        group: list[AnyBatch] = []
        for batch in self._pace.awaited(loader):
            group.append(batch)
            if len(group) == every:
                yield group
                group = []

    def _step(self, batches: Sequence[AnyBatch]) -> dict[str, float]:
        with self._pace.step(sum(len(batch.labels) for batch in batches) * self.fabric.world_size):
            torch.manual_seed((self.seed * 1_000_003 + self.step) * 1009 + self.fabric.global_rank)
            numbers = self.task.step(self.step, batches)
            average_over_processes(moving_statistics(self.task.networks))
            self.step += 1
        return numbers

    def _seconds(self) -> float:
        return self._earlier_seconds + time.monotonic() - self._started

    def _validate(self, logger: TensorBoardLogger, progress: Progress) -> Validation:
        result = self.task.validate(self.step)
        logger.log_metrics({f"validation/{name}": value for name, value in result.numbers.items()}, self.step)
        shown = "  ".join(f"{name} {value:.4g}" for name, value in result.numbers.items())
        if self.fabric.is_global_zero:
            progress.console.print(f"step {self.step}: {shown}", highlight=False)
            if result.grid is not None:
                self._save_grid(result.grid)
        if math.isnan(self.best_score) or result.score > self.best_score:
            self.best_score = result.score
            if self.fabric.is_global_zero:
                save_checkpoint(self.folder / "best", self.step, self.task.networks.state_dict())
        self._save()
        return result

    def _save_grid(self, grid: torch.Tensor) -> None:
        folder = self.folder / "samples"
        folder.mkdir(parents=True, exist_ok=True)
        write_png(folder / f"step-{self.step:08d}.png", grid)

    def _save(self) -> None:
        if self.fabric.is_global_zero and self.step != self._saved_step:
            state: dict[str, Any] = {
                "task": self.task.state_dict(),
                "best_score": self.best_score,
                "seconds": self._seconds(),
            }
            save_checkpoint(self.folder / "checkpoint", self.step, state)
        self._saved_step = self.step
        self.fabric.barrier()

    def _progress(self) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        return Progress(*columns, TextColumn("{task.fields[note]}"), disable=not self.fabric.is_global_zero)


def _logger(folder: Path) -> TensorBoardLogger:
    try:
        return TensorBoardLogger(root_dir=folder, name="logs", version="")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("training writes TensorBoard logs; run: pip install 'miais[report]'") from error


def _summary(numbers: dict[str, float], rate: float) -> str:
    terms = " ".join(f"{name} {value:.3g}" for name, value in numbers.items() if name != "skipped")
    skipped = f" skipped {numbers['skipped']:.0f}" if numbers.get("skipped") else ""
    return f"{terms} {rate:.0f} images/s{skipped}"
