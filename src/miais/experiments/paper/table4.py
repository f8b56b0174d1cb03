"""Table IV: covers of other kinds than those of the training, as they are and after some more training on them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from miais.experiments.paper.columns import ACCURACY, FIDELITY, NOTES, PSNR, RECOGNITION, SEEDS, fact
from miais.experiments.paper.scores import score
from miais.experiments.paper.table import PaperTable, SeededRow
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, OBJECTS, World
from miais.training.corpus import PHOTOGRAPHS

Transfer = Literal["as it is", "fine-tuned"]
COVERS = {"lfw160": "LFW", "covers-imagenet400": "ImageNet", PHOTOGRAPHS: "photographs"}
RECIPE = "paper_single"
_SHARE = 3
"""Fine-tuning takes the steps of the training over this."""
_PRESSURE = 30.0
"""About what the small scale's trainings end with; to begin with 1 again would show the secret again."""


def table4(workshop: Workshop, folder: Path) -> PaperTable:
    """Return Table IV."""
    covers = [PHOTOGRAPHS] if workshop.scale.name == "tiny" else list(COVERS)
    rows = [
        _row(workshop, world, each, how)
        for world in workshop.scale.worlds(FACES, OBJECTS)
        for each in covers
        for how in ("as it is", "fine-tuned")
    ]
    who = (fact("secrets", "secrets"), fact("covers", "covers"), fact("system", "system"))
    columns = (*who, SEEDS, *FIDELITY, *RECOGNITION)
    notes = (*NOTES, "Trained on textures; fine-tuned: on covers of the row's kind, for a third of the steps.")
    return PaperTable("Table IV: covers of other kinds", rows, columns, notes, (*who, PSNR, ACCURACY))


def _row(workshop: Workshop, world: World, covers: str, how: Transfer) -> SeededRow:
    facts = {"secrets": world.name, "covers": COVERS[covers], "system": how}
    settings = {"covers": covers, "how": how, "share": _SHARE, **workshop.settings(world, RECIPE)}
    if how == "fine-tuned":
        settings["pressure_at_start"] = _PRESSURE
    name = f"{world.name}-{covers}-{how.replace(' ', '-')}"
    return SeededRow(name, facts, settings, partial(_scores, workshop, world, covers, how))


def _scores(workshop: Workshop, world: World, covers: str, how: Transfer, seed: int) -> Mapping[str, Any]:
    system = workshop.system_of(RECIPE, world, seed)
    if how == "fine-tuned":
        recipe = workshop.scale.recipe(RECIPE, world, seed=seed, covers=(covers,))
        steps = max(1, recipe.phase.steps // _SHARE)
        minimax = replace(recipe.minimax, pressure_at_start=_PRESSURE)
        recipe = replace(recipe, minimax=minimax, phase=replace(recipe.phase, steps=steps, validate_every=steps))
        start = workshop.folder_of(RECIPE, world, seed)
        system = workshop.system(recipe, f"{world.name}-{RECIPE}-{covers}-{seed}", start, "all")
    bench = workshop.bench(world, system.card.image_size, covers)
    return score(system, bench, partial(workshop.report, f"{world.name} in {COVERS[covers]}, {how}"))
