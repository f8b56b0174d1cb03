"""`miais experiment bits`, once its arguments are known."""

from collections.abc import Sequence

from miais.cli.experiment_options import (
    ExperimentOptions,
    experiment_on_systems,
    hidings_by_system,
    print_experiment,
)
from miais.experiments.bits import COLUMNS, run_bits


def run_bits_experiment(options: ExperimentOptions, *, others: Sequence[str]) -> None:
    """Run the bits experiment and print its table; errors as `experiment_on_systems` and `run_bits`."""
    with experiment_on_systems(options, others) as setup:
        table = run_bits(setup.systems, hidings_by_system(options), setup.settings, setup.results, setup.report)
        name = setup.systems[0].card.name
    print_experiment(table, COLUMNS, f"bits-{name}.png", options)
