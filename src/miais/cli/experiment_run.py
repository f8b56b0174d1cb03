"""What `miais experiment` does once its arguments are known."""

import logging
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import typer
from lightning.fabric import Fabric
from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn

from miais.cli.evaluate import COVERS, SECRETS
from miais.cli.fabric import make_fabric
from miais.cli.output import json_line, print_table
from miais.cli.scoring import Sources, refuse_sources, score_digits, score_faces, shows_digits
from miais.evaluation.classes import ClassEvaluation
from miais.evaluation.face_scores import FaceEvaluation
from miais.experiments.figures import require_matplotlib
from miais.experiments.privacy.bench import Bench
from miais.experiments.privacy.data import AttackData
from miais.experiments.privacy.experiment import run_privacy
from miais.experiments.privacy.labels import digits_data
from miais.experiments.privacy.people import PeopleFiles, people_data
from miais.experiments.privacy.recognizer import load_recognizer
from miais.experiments.privacy.table import SHORT_COLUMNS
from miais.experiments.privacy.training import Budget
from miais.experiments.results import Column, ResultFolder
from miais.experiments.strength import COLUMNS, run_strength
from miais.system import StegoSystem, load
from miais.training.provenance import commit, machine

_TINY_STEPS, _TINY_DIGITS = 3, 30


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


def run_privacy_experiment(options: ExperimentOptions, *, recognizer: str | None, others: Sequence[str]) -> None:
    """Run the privacy experiment and print its table.

    Raises:
        typer.BadParameter: If the sources are not those that this system needs.
        ValueError, FileNotFoundError: As the parts that it calls.
    """
    fabric = _fabric(options)
    system = load(options.model, device=fabric.device)
    budget = Budget(options.minutes, _TINY_STEPS if options.tiny else None)
    stranger = None if recognizer is None else load_recognizer(recognizer, fabric.device)
    readers = [load(other, device=fabric.device) for other in others]
    data = _attack_data(options, system)
    results = ResultFolder(options.out, _provenance(options, system, data.description, fabric))
    with Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("")

        def report(what: str, done: float, total: float) -> None:
            bar.update(task, description=what, completed=done, total=total)

        bench = Bench(system, data, budget, fabric, options.seed, options.out / "strips", report)
        table = run_privacy(bench, results, stranger, readers)
    _print(table, SHORT_COLUMNS, "panel.png", options)


def run_strength_experiment(options: ExperimentOptions, *, strengths: Sequence[float], others: Sequence[str]) -> None:
    """Run the strength experiment and print its table.

    Raises:
        typer.BadParameter: If the sources are not those that the systems need.
        ValueError, FileNotFoundError: As the parts that it calls.
    """
    require_matplotlib()
    fabric = _fabric(options)
    systems = [load(name, device=fabric.device) for name in (options.model, *others)]
    sources = options.sources
    if options.tiny:
        refuse_sources(systems[0], sources)
    settings = {"split": "test", "tiny": options.tiny, "covers": sources.covers or COVERS}
    results = ResultFolder(options.out, _provenance(options, systems[0], settings, fabric))
    with Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("")

        def score(system: StegoSystem, strength: float) -> FaceEvaluation | ClassEvaluation:
            what = f"{system.card.name} at {strength:g}"
            score_options = {
                "strength": strength,
                "progress": lambda done, every: bar.update(task, description=what, completed=done, total=every),
            }
            if options.tiny:
                return score_digits(system, "test", score_options, every=_TINY_DIGITS)[0]
            if shows_digits(system):
                return score_digits(system, "test", score_options)[0]
            return score_faces(system, sources, "test", score_options)[0]

        table = run_strength(systems, strengths, score, settings, results)
    _print(table, COLUMNS, "strength.png", options)


def _fabric(options: ExperimentOptions) -> Fabric:
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    logging.getLogger("lightning").setLevel(logging.WARNING)
    return make_fabric({"accelerator": options.accelerator, "devices": 1, "precision": options.precision})


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


def _provenance(
    options: ExperimentOptions, system: StegoSystem, data: dict[str, Any], fabric: Fabric
) -> dict[str, Any]:
    return {
        "system": system.card.name,
        "system_hash": system.card.system_hash,
        "data": data,
        "seed": options.seed,
        "commit": commit(),
        "machine": machine(fabric),
        "command": shlex.join(["miais", *sys.argv[1:]]),
    }


def _print(table: dict[str, Any], columns: Sequence[Column], figure: str, options: ExperimentOptions) -> None:
    if options.as_json:
        print(json_line(table), flush=True)
        return
    print_table(
        [column.title for column in columns],
        [[column.cell(row) for column in columns] for row in table["rows"]],
    )
    typer.echo(f"Table: {options.out / 'table.md'}. Figure: {options.out / figure}")
