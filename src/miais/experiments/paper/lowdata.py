"""Ten pictures of each person: section VI of the paper's supplement."""

from functools import partial
from pathlib import Path

from miais.experiments.paper.columns import ACCURACY, FIDELITY, NOTES, PSNR, RECOGNITION, SEEDS, fact
from miais.experiments.paper.table import PaperTable, SeededRow
from miais.experiments.paper.table3 import trained_score
from miais.experiments.paper.table6 import RESTORATION, RESTORED
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, FEW_FACES

RECIPES = {"paper_single": "single-task", "paper_multi": "multitask"}


def lowdata(workshop: Workshop, folder: Path) -> PaperTable:
    """Return the table of little data."""
    rows = [
        SeededRow(
            f"{world.name}-{recipe}",
            {"training": "all" if world.pictures is None else f"{world.pictures} a person", "system": title},
            workshop.settings(world, recipe),
            partial(trained_score, workshop, world, recipe),
        )
        for world in workshop.scale.worlds(FACES, FEW_FACES)
        for recipe, title in RECIPES.items()
    ]
    who = (fact("pictures", "training"), fact("system", "system"))
    notes = (
        *NOTES,
        "Ten a person: people with fewer are left out, and the secret classifier has been trained on no others either.",
    )
    columns = (*who, SEEDS, *FIDELITY, *RESTORATION, *RECOGNITION)
    return PaperTable("Ten pictures of each person", rows, columns, notes, (*who, PSNR, RESTORED, ACCURACY))
