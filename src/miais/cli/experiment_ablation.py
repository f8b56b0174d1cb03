"""`miais experiment ablation`, once its arguments are known."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace

import typer

from miais.cli.experiment_options import (
    ExperimentOptions,
    experiment_fabric,
    print_experiment,
    provenance,
    report_on_bar,
)
from miais.data.secrets import digits
from miais.experiments.ablation.experiment import Bench, run_ablation
from miais.experiments.ablation.rows import AblationRow, Group, rows_of
from miais.experiments.ablation.table import SHORT_COLUMNS
from miais.experiments.figures import require_matplotlib
from miais.experiments.results import ResultFolder
from miais.system import load
from miais.system_folder import find_system
from miais.training.corpus import Corpus, open_corpus
from miais.training.settings import Recipe

_TINY_STEPS, _TINY_ROWS, _TINY_DIGITS = 2, 3, 30


def run_ablation_experiment(
    options: ExperimentOptions, *, group: Group, chosen: Sequence[str], steps: int, seeds: int
) -> None:
    """Run the ablation of a group of recipes, or the chosen rows of it, and print its table.

    Raises:
        typer.BadParameter: If the group has no row of that name.
        ValueError, FileNotFoundError: As the parts that it calls.
    """
    require_matplotlib()
    fabric = experiment_fabric(options)
    system, sources = load(options.system), options.sources
    rows = _chosen(rows_of("digits")[:_TINY_ROWS] if options.tiny else rows_of(group), chosen)
    steps = _TINY_STEPS if options.tiny else steps

    def open_data(recipe: Recipe) -> Corpus:
        size = recipe.networks.image_size
        corpus = open_corpus(recipe.data, size, sources.data_root, sources.protocol, fabric.device)
        return replace(corpus, validation_secrets=digits(size, "val", every=_TINY_DIGITS)) if options.tiny else corpus

    results = ResultFolder(options.out, provenance(options, {"group": group, "steps": steps}, fabric, system))
    with redirect_stdout(sys.stderr), report_on_bar() as report:  # trainings say on stdout how they go
        bench = Bench(find_system(options.system), open_data, fabric, options.out / "runs", report)
        seeds_from = range(options.seed, options.seed + seeds)
        table = run_ablation(rows, steps=steps, seeds=seeds_from, bench=bench, results=results)
    print_experiment(table, SHORT_COLUMNS, "ablation.png", options)


def _chosen(rows: Sequence[AblationRow], names: Sequence[str]) -> Sequence[AblationRow]:
    known = [row.name for row in rows]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise typer.BadParameter(
            f"expected rows out of {', '.join(known)}, got {', '.join(unknown)}; --group chooses others",
            param_hint="--row",
        )
    return [row for row in rows if row.name in names] if names else rows
