"""Table III: the joint baseline, content loss, minimax, and both."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from miais.experiments.paper.columns import ACCURACY, FIDELITY, NOTES, PSNR, RECOGNITION, SEEDS, fact
from miais.experiments.paper.scores import score
from miais.experiments.paper.table import PaperTable, SeededRow
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, OBJECTS, World

RECIPES = {
    "paper_baseline": "Baseline",
    "paper_baseline_content": "Baseline + content",
    "paper_baseline_minimax": "Baseline + minimax",
    "paper_single": "Baseline + content + minimax",
}


def table3(workshop: Workshop, folder: Path) -> PaperTable:
    """Return Table III."""
    rows = [_row(workshop, world, recipe) for world in workshop.scale.worlds(FACES, OBJECTS) for recipe in RECIPES]
    who = (fact("secrets", "secrets"), fact("method", "method"))
    columns = (*who, SEEDS, *FIDELITY, *RECOGNITION)
    return PaperTable("Table III: content loss and minimax", rows, columns, NOTES, (*who, PSNR, ACCURACY))


def _row(workshop: Workshop, world: World, recipe: str) -> SeededRow:
    facts = {"secrets": world.name, "method": RECIPES[recipe]}
    settings = workshop.settings(world, recipe)
    return SeededRow(f"{world.name}-{recipe}", facts, settings, partial(trained_score, workshop, world, recipe))


def trained_score(workshop: Workshop, world: World, recipe: str, seed: int) -> Mapping[str, Any]:
    """Train a recipe on a world, and score it in covers of the world's own set."""
    system = workshop.system_of(recipe, world, seed)
    bench = workshop.bench(world, system.card.image_size)
    return score(system, bench, partial(workshop.report, f"{world.name}, {recipe}"))
