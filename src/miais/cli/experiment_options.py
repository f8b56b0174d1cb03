"""What all experiments take from the command line, and give back to it."""

import logging
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
import typer
from lightning.fabric import Fabric
from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn

from miais.cli.evaluate import COVERS
from miais.cli.fabric import make_fabric
from miais.cli.output import json_line, print_table
from miais.cli.scoring import Sources, hidings_of_digits, hidings_of_faces, refuse_sources, shows_digits
from miais.evaluation.saved import Hiding
from miais.experiments.figures import require_matplotlib
from miais.experiments.results import Column, Report, ResultFolder
from miais.system import StegoSystem, load
from miais.training.provenance import commit, machine

_TINY_DIGITS = 60


@dataclass(frozen=True)
class ExperimentOptions:
    """What every experiment takes; the fields are those of the command line."""

    model: str | None
    out: Path
    sources: Sources
    minutes: float | None
    pairs: int | None
    tiny: bool
    seed: int
    accelerator: str
    precision: str
    threads: int | None
    as_json: bool

    @property
    def system(self) -> str:
        """The system that an experiment is about.

        Raises:
            typer.BadParameter: If the user has not said one.
        """
        if self.model is None:
            raise typer.BadParameter("this experiment is about a system: name it, or its folder", param_hint="MODEL")
        return self.model


def experiment_fabric(options: ExperimentOptions) -> Fabric:
    """Set threads and logging, and return device and precision."""
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    logging.getLogger("lightning").setLevel(logging.WARNING)
    return make_fabric({"accelerator": options.accelerator, "devices": 1, "precision": options.precision})


def provenance(
    options: ExperimentOptions, data: dict[str, Any], fabric: Fabric, system: StegoSystem | None = None
) -> dict[str, Any]:
    """Return what every row and table says of where it comes from."""
    tried = {} if system is None else {"system": system.card.name, "system_hash": system.card.system_hash}
    return {
        **tried,
        "data": data,
        "seed": options.seed,
        "commit": commit(),
        "machine": machine(fabric),
        "command": shlex.join(["miais", *sys.argv[1:]]),
    }


class Setup(NamedTuple):
    """What an experiment on one system or more runs with.

    Attributes:
        systems: On the device.
        settings: What decides its rows, beside the systems, JSON values.
        results: Its folder.
        report: Told what is being done, how far it is, and of how much.
    """

    systems: Sequence[StegoSystem]
    settings: Mapping[str, Any]
    results: ResultFolder
    report: Report


@contextmanager
def experiment_on_systems(options: ExperimentOptions, others: Sequence[str]) -> Iterator[Setup]:
    """Load the systems, open the folder, and show a progress bar.

    Raises:
        typer.BadParameter: If the sources are not those that the systems need.
        ValueError, FileNotFoundError: If a system cannot be loaded.
        ModuleNotFoundError: If there is nothing to draw figures with.
    """
    require_matplotlib()
    fabric = experiment_fabric(options)
    systems = [load(name, device=fabric.device) for name in (options.system, *others)]
    if options.tiny:
        refuse_sources(systems[0], options.sources)
    settings = {"split": "test", "tiny": options.tiny, "covers": options.sources.covers or COVERS}
    results = ResultFolder(options.out, provenance(options, settings, fabric, systems[0]))
    with report_on_bar() as report:
        yield Setup(systems, settings, results, report)


def hidings_by_system(
    options: ExperimentOptions, *, in_each_cover: int = 1
) -> Callable[[StegoSystem], Sequence[Hiding]]:
    """Return what each system hides where: people of the test in its covers, or bundled digits in bundled pictures.

    Args:
        options: With the sources.
        in_each_cover: How many people each cover gets, one at a time.
    """

    def hidings(system: StegoSystem) -> Sequence[Hiding]:
        if options.tiny or shows_digits(system):
            return hidings_of_digits(system, "test", every=_TINY_DIGITS if options.tiny else 1)
        return hidings_of_faces(system, options.sources, "test", in_each_cover=in_each_cover)

    return hidings


@contextmanager
def report_on_bar() -> Iterator[Callable[[str, float, float], None]]:
    """Show a progress bar, and give what tells it what is being done, how far it is, and of how much."""
    with bar_of_experiment() as bar:
        task = bar.add_task("")

        def report(what: str, done: float, total: float) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield report


def bar_of_experiment() -> Progress:
    """Return a progress bar on stderr, with the time that has passed."""
    return Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=Console(stderr=True))


def print_experiment(table: dict[str, Any], columns: Sequence[Column], figure: str, options: ExperimentOptions) -> None:
    """Print the table, or its JSON."""
    if options.as_json:
        print(json_line(table), flush=True)
        return
    print_table(
        [column.title for column in columns],
        [[column.cell(row) for column in columns] for row in table["rows"]],
    )
    typer.echo(f"Table: {options.out / 'table.md'}. Figure: {options.out / figure}")
