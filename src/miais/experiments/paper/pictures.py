"""Figs. 6 and 8: secrets, covers, containers, residuals and restored secrets, method by method."""

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from miais.data.covers import scikit_image_photographs
from miais.evaluation.saved import Hiding, fidelity_of, send_and_receive
from miais.experiments.panel import write_panel, write_strip
from miais.experiments.paper.columns import METHOD, SEEDS, number
from miais.experiments.paper.scores import one_cover_each
from miais.experiments.paper.table import PaperTable, Record, rows_by_recipe
from miais.experiments.paper.table3 import RECIPES
from miais.experiments.paper.table6 import METHODS
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, World
from miais.image import from_uint8, quantize, resize, to_uint8
from miais.steganalysis.changes import magnified_residual
from miais.system import StegoSystem

SHOWN = 6
_FACE = (slice(0, 200), slice(125, 325))
"""Rows and columns of the face in scikit-image's astronaut."""
_GAINS = (5, 10)


def fig6(workshop: Workshop, folder: Path) -> PaperTable:
    """Return Fig. 6: the rows of Table III."""
    return _pictures(workshop, folder, RECIPES, "Fig. 6: content loss and minimax", "fig6")


def fig8(workshop: Workshop, folder: Path) -> PaperTable:
    """Return Fig. 8: the methods of Table VI."""
    return _pictures(workshop, folder, METHODS, "Fig. 8: methods that restore", "fig8")


def _pictures(workshop: Workshop, folder: Path, methods: Mapping[str, str], title: str, name: str) -> PaperTable:
    (world,) = workshop.scale.worlds(FACES)
    rows = rows_by_recipe(methods, partial(workshop.settings, world), partial(_show, workshop, world, folder))
    notes = (
        f"{name}.png shows people of the test in their covers: keep it to yourself. {name}-bundled.png shows the "
        "astronaut of scikit-image in its photographs. Residuals are five and ten times as strong, on grey.",
    )
    decibels = number("PSNR of those shown, dB", "psnr_db", digits=2)
    draw = partial(_draw, folder, name, methods)
    return PaperTable(title, rows, (METHOD, SEEDS, decibels), notes, (METHOD, decibels), draw)


def _show(workshop: Workshop, world: World, folder: Path, recipe: str, seed: int) -> Mapping[str, Any]:
    system = workshop.system_of(recipe, world, seed)
    size = system.card.image_size
    bench = workshop.bench(world, size)
    covers = one_cover_each(bench)
    step = max(1, len(covers) // SHOWN)
    chosen = range(0, len(covers), step)[:SHOWN]
    secrets = torch.stack([bench.secrets.pixels(index) for index in chosen])
    decibels = _strips(
        system, secrets, torch.stack([covers[index][0] for index in chosen]), folder / "strips" / "own", recipe
    )
    photographs = scikit_image_photographs("test").resized(size)
    others = torch.stack([photographs.pixels(index) for index in range(min(SHOWN, len(photographs)))])
    face = _astronaut(size)[None].repeat(len(others), 1, 1, 1)
    _strips(system, face, others, folder / "strips" / "bundled", recipe)
    return {"psnr_db": decibels}


def _astronaut(size: int) -> Tensor:
    from skimage.data import astronaut

    face = torch.from_numpy(astronaut()[_FACE]).permute(2, 0, 1)
    return to_uint8(resize(from_uint8(face), (size, size)))


def _strips(system: StegoSystem, secrets: Tensor, covers: Tensor, strips: Path, recipe: str) -> float:
    """Write a method's strips, and return the mean PSNR of its containers."""
    hidings = [
        Hiding(f"{index}", from_uint8(secret), from_uint8(cover))
        for index, (secret, cover) in enumerate(zip(secrets, covers, strict=True))
    ]
    with tempfile.TemporaryDirectory(prefix="miais-") as place:
        received = list(send_and_receive(system, hidings, Path(place)))
    containers = torch.stack([each.container for each in received])
    write_strip(strips, "secret", secrets)
    write_strip(strips, "cover", covers)
    write_strip(strips, recipe, to_uint8(containers))
    for gain in _GAINS:
        write_strip(strips, f"{recipe}-x{gain}", to_uint8(magnified_residual(covers, to_uint8(containers), gain)))
    if system.restorer is not None:
        restored = torch.stack([quantize(system.restore(each)) for each in containers])
        write_strip(strips, f"{recipe}-restored", to_uint8(restored))
    return fidelity_of(each.fidelity for each in received).mean_psnr_db


def _draw(folder: Path, name: str, methods: Mapping[str, str], records: Sequence[Record]) -> None:
    titles = {"secret": "secret", "cover": "cover"}
    for recipe, called in methods.items():
        titles[recipe] = called
        titles |= {f"{recipe}-x{gain}": f"residual x{gain}" for gain in _GAINS}
        titles[f"{recipe}-restored"] = "restored"
    for kind, suffix in (("bundled", "-bundled"), ("own", "")):
        write_panel(folder / f"{name}{suffix}.png", folder / "strips" / kind, titles)
