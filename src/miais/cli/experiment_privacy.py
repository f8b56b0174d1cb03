"""`miais experiment privacy`, once its arguments are known."""

from collections.abc import Sequence

import typer

from miais.cli.evaluate import COVERS, SECRETS
from miais.cli.experiment_options import (
    ExperimentOptions,
    bar_of_experiment,
    experiment_fabric,
    print_experiment,
    provenance,
)
from miais.cli.scoring import refuse_sources, shows_digits
from miais.experiments.privacy.bench import Bench
from miais.experiments.privacy.data import AttackData
from miais.experiments.privacy.experiment import run_privacy
from miais.experiments.privacy.labels import digits_data
from miais.experiments.privacy.people import PeopleFiles, people_data
from miais.experiments.privacy.recognizer import load_recognizer
from miais.experiments.privacy.table import SHORT_COLUMNS
from miais.experiments.privacy.training import Budget
from miais.experiments.results import ResultFolder
from miais.system import StegoSystem, load

_TINY_STEPS, _MINUTES = 3, 10.0


def run_privacy_experiment(options: ExperimentOptions, *, recognizer: str | None, others: Sequence[str]) -> None:
    """Run the privacy experiment and print its table.

    Raises:
        typer.BadParameter: If the sources are not those that this system needs.
        ValueError, FileNotFoundError: As the parts that it calls.
    """
    fabric = experiment_fabric(options)
    system = load(options.system, device=fabric.device)
    budget = Budget(_MINUTES if options.minutes is None else options.minutes, _TINY_STEPS if options.tiny else None)
    stranger = None if recognizer is None else load_recognizer(recognizer, fabric.device)
    readers = [load(other, device=fabric.device) for other in others]
    data = _attack_data(options, system)
    results = ResultFolder(options.out, provenance(options, data.description, fabric, system))
    with bar_of_experiment() as bar:
        task = bar.add_task("")

        def report(what: str, done: float, total: float) -> None:
            bar.update(task, description=what, completed=done, total=total)

        bench = Bench(system, data, budget, fabric, options.seed, options.out / "strips", report)
        table = run_privacy(bench, results, stranger, readers)
    print_experiment(table, SHORT_COLUMNS, "panel.png", options)


def _attack_data(options: ExperimentOptions, system: StegoSystem) -> AttackData:
    sources, size = options.sources, system.card.image_size
    if options.tiny or shows_digits(system):
        refuse_sources(system, sources)
        return digits_data(size, seed=options.seed, limit=options.pairs, few=options.tiny)
    if sources.protocol is None or sources.data_root is None:
        raise typer.BadParameter(
            f"system {system.card.name!r} is attacked on people: give --protocol and --data-root, or --tiny to try",
            param_hint="MODEL",
        )
    files = PeopleFiles(
        sources.protocol, sources.data_root, secrets=sources.secrets or SECRETS, covers=sources.covers or COVERS
    )
    return people_data(files, size, seed=options.seed, limit=options.pairs)
