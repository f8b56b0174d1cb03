"""`miais experiment bits`, once its arguments are known."""

from collections.abc import Sequence

from miais.cli.evaluate import COVERS
from miais.cli.experiment_options import (
    ExperimentOptions,
    bar_of_experiment,
    experiment_fabric,
    hidings_by_system,
    print_experiment,
    provenance,
)
from miais.cli.scoring import refuse_sources
from miais.experiments.bits import COLUMNS, run_bits
from miais.experiments.figures import require_matplotlib
from miais.experiments.results import ResultFolder
from miais.system import load


def run_bits_experiment(options: ExperimentOptions, *, others: Sequence[str]) -> None:
    """Run the bits experiment and print its table.

    Raises:
        typer.BadParameter: If the sources are not those that the systems need.
        ValueError, FileNotFoundError: As the parts that it calls.
    """
    require_matplotlib()
    fabric = experiment_fabric(options)
    systems = [load(name, device=fabric.device) for name in (options.model, *others)]
    if options.tiny:
        refuse_sources(systems[0], options.sources)
    settings = {"split": "test", "tiny": options.tiny, "covers": options.sources.covers or COVERS}
    results = ResultFolder(options.out, provenance(options, systems[0], settings, fabric))
    with bar_of_experiment() as bar:
        task = bar.add_task("")
        table = run_bits(
            systems,
            hidings_by_system(options),
            settings,
            results,
            lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    print_experiment(table, COLUMNS, f"bits-{systems[0].card.name}.png", options)
