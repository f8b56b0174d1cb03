"""Where each method of the paper changes its covers."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from miais.experiments.bits import NOTES, measure_changes, summary_of
from miais.experiments.bits_figures import draw_bits
from miais.experiments.paper.columns import METHOD, SEEDS, number
from miais.experiments.paper.scores import hidings_of
from miais.experiments.paper.table import PaperTable, rows_by_recipe
from miais.experiments.paper.table3 import RECIPES
from miais.experiments.paper.table6 import METHODS
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, World

PAIRS = 500
_CHANNELS = ("R", "G", "B")
_TITLES = RECIPES | METHODS


def bits(workshop: Workshop, folder: Path) -> PaperTable:
    """Return the table; each row draws its figures."""
    (world,) = workshop.scale.worlds(FACES)
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows_by_recipe(
        _TITLES, partial(workshop.settings, world), partial(_scores, workshop, world, folder), pairs=PAIRS
    )
    changed = number("changed, %", "changed", digits=1)
    columns = (
        METHOD,
        SEEDS,
        number("PSNR, dB", "psnr_db", digits=2),
        changed,
        *(number(f"bit {bit}, %", "bits", str(bit), digits=1) for bit in range(1, 5)),
        *(number(f"{channel}, %", "shares", channel, digits=1) for channel in _CHANNELS),
        number("low, %", "low", digits=1),
    )
    return PaperTable("Where the change sits, by method", rows, columns, NOTES, (METHOD, changed))


def _scores(workshop: Workshop, world: World, folder: Path, recipe: str, seed: int) -> Mapping[str, Any]:
    system = workshop.system_of(recipe, world, seed)
    jobs = hidings_of(workshop.bench(world, system.card.image_size), PAIRS)
    name = f"{recipe}-{seed}"
    values = measure_changes(system, jobs, name, folder / "panels", workshop.report)
    draw_bits(folder / f"bits-{name}.png", {**values, "name": _TITLES[recipe]})
    found = summary_of(values)
    return {
        "psnr_db": values["psnr_db"],
        "changed": found["changed"][0],
        "bits": {str(bit): share for bit, share in enumerate(found["bits"], start=1)},
        "shares": dict(zip(_CHANNELS, found["shares"], strict=True)),
        "low": found["low"][0],
    }
