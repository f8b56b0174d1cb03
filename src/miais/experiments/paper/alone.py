"""Each peer at its own task, without recognition: containers like their covers, and secrets restored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from miais.experiments.figures import write_figure
from miais.experiments.paper.columns import FIDELITY, METHOD, PSNR, SEEDS
from miais.experiments.paper.scores import score
from miais.experiments.paper.table import PaperTable, Record, rows_by_recipe
from miais.experiments.paper.table6 import RESTORATION, RESTORED
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, World
from miais.peers import PEERS
from miais.training.minimax_networks import MinimaxNetworks
from miais.training.settings import Recipe
from miais.training.task import Validation
from miais.training.validation import Validator

_LOOKS = 8
_CURVES = {"container_psnr_db": "container against cover", "restored_psnr_db": "restored against secret"}


def alone(workshop: Workshop, folder: Path) -> PaperTable:
    """Return the table and the figure."""
    (world,) = workshop.scale.worlds(FACES)
    titles = {f"peer_{name}": method.title for name, method in PEERS.items()}
    rows = rows_by_recipe(titles, partial(workshop.settings, world), partial(_scores, workshop, world))
    notes = (
        "Trained by its own losses alone, for as many steps as with recognition; containers saved as 8-bit PNG and "
        "read again, of people and in covers of the test. The figure has people and covers of the validation.",
    )
    columns = (METHOD, SEEDS, *FIDELITY, *RESTORATION)
    draw = partial(_draw, folder / "alone.png")
    return PaperTable("Peers alone", rows, columns, notes, (METHOD, PSNR, RESTORED), draw)


@dataclass
class _Curve:
    """Stands where a validator does, keeps what it says, and lets the last weights win.

    Attributes:
        validator: Of the recipe's data.
        seen: Numbers of each validation so far.
    """

    validator: Validator
    seen: list[Mapping[str, float]] = field(default_factory=list)

    def hiding(self, networks: MinimaxNetworks, psnr_db: float | None) -> Validation:
        """Score the networks, and remember."""
        found = self.validator.hiding(networks, psnr_db)
        self.seen.append(found.numbers)
        return replace(found, score=float(len(self.seen)))


def _scores(workshop: Workshop, world: World, name: str, seed: int) -> Mapping[str, Any]:
    recipe = _without_recognition(workshop.scale.recipe(name, world, seed=seed))
    curve = _Curve(workshop.corpus(recipe).validator)
    system = workshop.watched(recipe, world, f"{world.name}-{name}-alone-{seed}", curve)
    found = score(system, workshop.bench(world, system.card.image_size), partial(workshop.report, f"{name} alone"))
    steps = [recipe.phase.validate_every * number for number in range(1, len(curve.seen) + 1)]
    curves = {key: {str(step): seen[key] for step, seen in zip(steps, curve.seen, strict=True)} for key in _CURVES}
    return {"container": found["container"], "restored": found["restored"], "dr": found["dr"], "curves": curves}


def _without_recognition(recipe: Recipe) -> Recipe:
    minimax = replace(recipe.minimax, joint=replace(recipe.minimax.joint, identity=0.0))
    phase = replace(recipe.phase, validate_every=max(1, recipe.phase.steps // _LOOKS))
    return replace(recipe, name=f"{recipe.name}_alone", minimax=minimax, phase=phase)


def _draw(path: Path, records: Sequence[Record]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    for axes, (key, title) in zip(figure.subplots(1, 2), _CURVES.items(), strict=True):
        for record in records:
            curve = record["values"]["scores"]["curves"][key]
            steps, decibels = [int(step) for step in curve], [value["mean"] for value in curve.values()]
            axes.plot(steps, decibels, marker=".", label=record["values"]["facts"]["method"])
        axes.set(title=title, xlabel="steps", ylabel="PSNR, dB")
        axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    write_figure(figure, path)
