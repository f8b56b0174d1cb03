"""The hiding phase: Algorithm 1's objectives applied to batches, with optimisers, budget and skipped steps."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from lightning.fabric import Fabric

from miais.data.batches import Batch
from miais.image import from_uint8
from miais.training.budget import HidingThreshold, ImagePressure, psnr_budget
from miais.training.minimax import StageLoss, joint_stage, stage_a, stage_at, stage_b
from miais.training.minimax_networks import MinimaxNetworks, Stage
from miais.training.objective_settings import GeneratorWeights
from miais.training.optimization import LossGuard, Mover, StatisticsBackup, step_together
from miais.training.processes import mean_over_processes
from miais.training.settings import Recipe
from miais.training.task import Validation
from miais.training.transit import Sample, Transit


class HidingTask:
    """Algorithm 1 on batches.

    Args:
        fabric: Device and precision.
        networks: All networks, on the device.
        recipe: Settings.
        validate: Scores the networks under a PSNR budget in dB (None for none).
    """

    def __init__(
        self,
        fabric: Fabric,
        networks: MinimaxNetworks,
        recipe: Recipe,
        validate: Callable[[MinimaxNetworks, float | None], Validation],
    ) -> None:
        self.fabric, self.networks, self.recipe = fabric, networks, recipe
        self._validate = validate
        self.hider_mover = Mover(networks.moving("B"), recipe.generator_optimizer)
        self.classifier_mover = Mover(networks.classifiers, recipe.classifier_optimizer)
        self.threshold = HidingThreshold(recipe.minimax)
        self.pressure = ImagePressure(recipe.minimax)
        self.transit = Transit(recipe.transit, recipe.networks.image_size)
        self.guard = LossGuard()

    def step(self, step: int, batches: Sequence[Batch]) -> dict[str, float]:
        """Do one optimiser step of the stage that is due."""
        settings = self.recipe.minimax
        stage = stage_at(step, settings)
        if step == settings.joint_steps:
            self._part_classifiers()
        if step > 0 and stage_at(step - 1, settings) != stage:
            self.threshold.end_stage()
        self.networks.enter_stage(stage, fixed=settings.fixed, batch_statistics=settings.batch_statistics)
        backup = StatisticsBackup(self.networks)
        progress = step / self.recipe.phase.steps
        log: dict[str, float] = {}
        usable = True
        for number, batch in enumerate(batches):
            loss = self._loss(stage, batch, progress, torch.Generator().manual_seed(self._seed(step, number)))
            log = {f"{stage}/{name}": float(term.detach()) for name, term in loss.terms.items()}
            log = mean_over_processes(self.fabric, {**log, "loss": float(loss.total.detach())})
            # Less the pressure, which may grow at once.
            usable = usable and self.guard.usable(stage, log["loss"] / self.pressure.factor())
            if usable:
                self.fabric.backward(loss.total)
                if stage == "B":
                    self.threshold.record(log["B/visual"])
                if f"{stage}/visual" in log:
                    self.pressure.record(log[f"{stage}/visual"], log.get(f"{stage}/restoration", 0.0))
                    if settings.pressure:
                        log["pressure"] = self.pressure.factor()
        movers = self._movers(stage)
        for mover in movers:
            mover.set_progress(progress)
        moved = step_together(movers, usable=usable)
        if not moved:
            backup.restore()
        self.guard.record(stage, moved)
        return {**log, "skipped": float(self.guard.skipped)}

    def _movers(self, stage: Stage) -> list[Mover]:
        match stage:
            case "A":
                return [self.classifier_mover]
            case "B":
                return [self.hider_mover]
            case "joint":
                return [self.hider_mover, self.classifier_mover]

    def _loss(self, stage: Stage, batch: Batch, progress: float, random: torch.Generator) -> StageLoss:
        networks, settings = self.networks, self.recipe.minimax
        sample = self._sample(batch)
        budget = psnr_budget(self.recipe.transit, progress)
        with self.fabric.autocast():
            if stage == "A":
                with torch.no_grad():
                    passage = self.transit(networks.generator, sample, psnr_db=budget, random=random)
                return stage_a(networks, passage, sample, settings)
            passage = self.transit(networks.generator, sample, psnr_db=budget, random=random)
            if stage == "joint":
                return joint_stage(networks, passage, sample, replace(settings, joint=self._pressed(settings.joint)))
            return stage_b(networks, passage, sample, settings, self._pressed(self.threshold.weights()))

    def _pressed(self, weights: GeneratorWeights) -> GeneratorWeights:
        factor = self.pressure.factor()
        return replace(weights, visual=weights.visual * factor, restoration=weights.restoration * factor)

    def _sample(self, batch: Batch) -> Sample:
        on_device = self.fabric.to_device
        secrets, covers = (from_uint8(on_device(pixels)) for pixels in (batch.secrets, batch.covers))
        last = torch.channels_last
        return Sample(
            secrets.contiguous(memory_format=last), on_device(batch.labels), covers.contiguous(memory_format=last)
        )

    def _part_classifiers(self) -> None:
        """Start f2 as f1, moved a little where the settings say so."""
        self._level_classifiers()
        apart, second = self.recipe.minimax.heads_apart, self.networks.classifiers[1]
        if apart:
            random = torch.Generator().manual_seed(self.recipe.seed)
            with torch.no_grad():
                for parameter in second.parameters():
                    noise = torch.randn(parameter.shape, generator=random).to(parameter.device)
                    parameter.add_(noise * apart * parameter.std(correction=0))

    def _level_classifiers(self) -> None:
        first, second = self.networks.classifiers
        second.load_state_dict(first.state_dict())

    def _seed(self, step: int, number: int) -> int:
        # The process's rank is left out on purpose: sizes and distortions are one draw for the whole batch.
        return (self.recipe.seed * 1_000_003 + step) * 64 + number

    def validate(self, step: int) -> Validation:
        """Score the system on people and covers that training does not see, as it will be used: under the last budget.

        The budget of the step would let early networks, which may still change the cover more, look best.
        """
        if step <= self.recipe.minimax.joint_steps:
            self._level_classifiers()  # f2 has not started yet, but a system answers with both
        self.networks.eval()
        result = self._validate(self.networks, self.recipe.transit.psnr_db)
        for mover in (self.hider_mover, self.classifier_mover):
            mover.validated(result.score)
        return result

    def state_dict(self) -> dict[str, Any]:
        """Return all that an exact resume needs."""
        return {name: getattr(self, name).state_dict() for name in self._stateful}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        for name in self._stateful:
            getattr(self, name).load_state_dict(state[name])

    _stateful = ("networks", "hider_mover", "classifier_mover", "threshold", "pressure", "guard")
