"""Fig. 2: what a steg-classifier sees of containers of five people, by method."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from miais.experiments.paper.columns import METHOD, SEEDS, number
from miais.experiments.paper.features import draw_planes, first_planes, most_shown, silhouette, t_sne
from miais.experiments.paper.scores import one_cover_each
from miais.experiments.paper.table import PaperTable, Record, rows_by_recipe
from miais.experiments.paper.table6 import METHODS
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, World
from miais.experiments.results import write_whole
from miais.hiding import as_seen
from miais.image import from_uint8

PEOPLE, PICTURES = 5, 30


def fig2(workshop: Workshop, folder: Path) -> PaperTable:
    """Return the table and the figure."""
    (world,) = workshop.scale.worlds(FACES)
    rows = rows_by_recipe(METHODS, partial(workshop.settings, world), partial(_scores, workshop, world, folder))
    notes = (
        f"The {PEOPLE} people of the test with most pictures, {PICTURES} of each at most, each in its own cover. The "
        "silhouette says how well people are apart in the features themselves: 1 at best, 0 where they are mixed.",
    )
    apart = number("silhouette", "silhouette", digits=3)
    draw = partial(_draw, folder)
    return PaperTable("Fig. 2: features of containers", rows, (METHOD, SEEDS, apart), notes, (METHOD, apart), draw)


def _scores(workshop: Workshop, world: World, folder: Path, recipe: str, seed: int) -> Mapping[str, Any]:
    system = workshop.system_of(recipe, world, seed)
    bench = workshop.bench(world, system.card.image_size)
    chosen = most_shown(bench.secrets, PEOPLE, PICTURES)
    covers = one_cover_each(bench)
    workshop.report(METHODS[recipe], 0, 1)
    containers = torch.cat(
        [system.hide(from_uint8(bench.secrets.pixels(i)), from_uint8(covers[i][0]))[None] for i in chosen]
    ).to(system.device)
    first = system.classifiers[0]
    with torch.inference_mode():
        features = F.normalize(first(as_seen(first, containers, system.card.image_size)).embedding.float()).cpu()
    labels = torch.unique(bench.secrets.labels[chosen], return_inverse=True)[1]
    plane = {"title": METHODS[recipe], "points": t_sne(features, seed).tolist(), "labels": labels.tolist()}
    points = folder / "points"
    points.mkdir(parents=True, exist_ok=True)
    write_whole(points / f"{recipe}-{seed}.json", json.dumps(plane))
    return {"silhouette": silhouette(features, labels)}


def _draw(folder: Path, records: Sequence[Record]) -> None:
    planes = [first_planes(folder / "points", f"{record['name']}-*.json") for record in records]
    draw_planes(folder / "fig2.png", planes)
