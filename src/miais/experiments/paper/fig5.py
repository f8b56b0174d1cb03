"""Fig. 5: features stage by stage, with the containers marked that the two classifiers disagree about."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from miais.experiments.paper.columns import SEEDS, fact, number
from miais.experiments.paper.features import Plane, draw_planes, first_planes, most_shown, silhouette, t_sne
from miais.experiments.paper.table import PaperTable, Record, SeededRow
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, World
from miais.experiments.results import write_whole
from miais.hiding import as_seen, hide_in
from miais.image import from_uint8, quantize
from miais.training.minimax import stage_at
from miais.training.minimax_networks import MinimaxNetworks, Stage
from miais.training.settings import Recipe
from miais.training.task import Validation

PEOPLE, PICTURES = 4, 30
_ENDS = 4
"""Of the stages, the first so many are drawn and the last."""
RECIPE = "paper_single"
_MARKED = 0.2
"""Share of the containers that are marked: those with the largest discrepancy over all stages."""


def fig5(workshop: Workshop, folder: Path) -> PaperTable:
    """Return the table and the figure."""
    (world,) = workshop.scale.worlds(FACES)
    settings = workshop.settings(world, RECIPE)
    row = SeededRow("stages", {"system": RECIPE}, settings, partial(_scores, workshop, world, folder))
    notes = (
        f"{PICTURES} training pictures at most of each of {PEOPLE} people, in training covers, after each stage. The "
        "discrepancy of Eq. 11 rises in Stage A and falls in Stage B if minimax works as it is meant to. The figure "
        "has the first stages and the last; red crosses mark the fifth of all containers, over all stages, that the "
        "classifiers disagree about most.",
    )
    found = [
        number(f"{what} after {stage}", key, stage, digits=4)
        for what, key in (("discrepancy", "discrepancy"), ("silhouette", "silhouette"))
        for stage in ("A", "B")
    ]
    who = fact("system", "system")
    draw = partial(_draw, folder)
    return PaperTable("Fig. 5: features by stage", [row], (who, SEEDS, *found), notes, (who, *found), draw)


class _Look(NamedTuple):
    """Features of some containers after a stage, and Eq. 11 of each."""

    stage: Stage
    step: int
    features: Tensor
    apart: Tensor


@dataclass
class _Watch:
    """Stands where a validator does, and looks at some containers after each stage.

    Attributes:
        secrets: Shape (N, 3, S, S), range [0, 1].
        covers: The same shape.
        labels: Shape (N,).
        recipe: Of the run.
        seen: What was seen after each stage so far.
    """

    secrets: Tensor
    covers: Tensor
    labels: Tensor
    recipe: Recipe
    seen: list[_Look] = field(default_factory=list)

    @torch.inference_mode()
    def hiding(self, networks: MinimaxNetworks, psnr_db: float | None) -> Validation:
        """Look, and score nothing."""
        containers = quantize(hide_in(networks.generator, self.secrets, self.covers, psnr_db=psnr_db))
        answers = [f(as_seen(f, containers, self.secrets.shape[-1])) for f in networks.classifiers]
        first, second = (answer.logits.float() for answer in answers)
        step = (len(self.seen) + 1) * self.recipe.minimax.stage_steps
        features, apart = F.normalize(answers[0].embedding.float()).cpu(), (first - second).abs().mean(dim=1).cpu()
        self.seen.append(_Look(stage_at(step - 1, self.recipe.minimax), step, features, apart))
        return Validation(0.0, {"discrepancy": float(apart.mean())})


def _scores(workshop: Workshop, world: World, folder: Path, seed: int) -> Mapping[str, Any]:
    recipe = workshop.scale.recipe(RECIPE, world, seed=seed)
    steps = recipe.minimax.stage_steps
    recipe = replace(recipe, phase=replace(recipe.phase, validate_every=steps))
    corpus, device = workshop.corpus(recipe), workshop.fabric.device
    chosen = most_shown(corpus.secrets, PEOPLE, PICTURES)
    size = (recipe.networks.image_size, recipe.networks.image_size)
    watch = _Watch(
        from_uint8(torch.stack([corpus.secrets.pixels(index) for index in chosen]).to(device)),
        from_uint8(
            torch.stack([corpus.covers.pixels(index % len(corpus.covers), size) for index in chosen]).to(device)
        ),
        torch.unique(corpus.secrets.labels[chosen], return_inverse=True)[1],
        recipe,
    )
    workshop.watched(recipe, world, f"{world.name}-stages-{seed}", watch)
    _write(folder / f"planes-{seed}.json", watch, seed)
    of_stage = {stage: [look for look in watch.seen if look.stage == stage] for stage in ("A", "B")}
    return {
        "discrepancy": {stage: _mean([float(look.apart.mean()) for look in seen]) for stage, seen in of_stage.items()},
        "silhouette": {
            stage: _mean([silhouette(look.features, watch.labels) for look in seen]) for stage, seen in of_stage.items()
        },
    }


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _write(path: Path, watch: _Watch, seed: int) -> None:
    shown = watch.seen if len(watch.seen) <= 2 * _ENDS else [*watch.seen[:_ENDS], *watch.seen[-_ENDS:]]
    limit = torch.cat([look.apart for look in watch.seen]).quantile(1 - _MARKED)
    planes: list[Plane] = [
        {
            "title": f"after Stage {look.stage}, step {look.step}: {look.apart.mean():.3f}",
            "points": t_sne(look.features, seed).tolist(),
            "labels": watch.labels.tolist(),
            "marked": (look.apart > limit).tolist(),
        }
        for look in shown
    ]
    write_whole(path, json.dumps(planes))


def _draw(folder: Path, records: Sequence[Record]) -> None:
    draw_planes(folder / "fig5.png", first_planes(folder, "planes-*.json"))
