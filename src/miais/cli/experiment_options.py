"""What all experiments take from the command line, and give back to it."""

import logging
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import typer
from lightning.fabric import Fabric
from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn

from miais.cli.fabric import make_fabric
from miais.cli.output import json_line, print_table
from miais.cli.scoring import Sources, hidings_of_digits, hidings_of_faces, shows_digits
from miais.evaluation.saved import Hiding
from miais.experiments.results import Column
from miais.system import StegoSystem
from miais.training.provenance import commit, machine

_TINY_DIGITS = 60


@dataclass(frozen=True)
class ExperimentOptions:
    """What every experiment takes; the fields are those of the command line."""

    model: str
    out: Path
    sources: Sources
    minutes: float
    pairs: int | None
    tiny: bool
    seed: int
    accelerator: str
    precision: str
    threads: int | None
    as_json: bool


def experiment_fabric(options: ExperimentOptions) -> Fabric:
    """Set threads and logging, and return device and precision."""
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    logging.getLogger("lightning").setLevel(logging.WARNING)
    return make_fabric({"accelerator": options.accelerator, "devices": 1, "precision": options.precision})


def provenance(options: ExperimentOptions, system: StegoSystem, data: dict[str, Any], fabric: Fabric) -> dict[str, Any]:
    """Return what every row and table says of where it comes from."""
    return {
        "system": system.card.name,
        "system_hash": system.card.system_hash,
        "data": data,
        "seed": options.seed,
        "commit": commit(),
        "machine": machine(fabric),
        "command": shlex.join(["miais", *sys.argv[1:]]),
    }


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
