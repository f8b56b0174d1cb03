"""`miais experiment table3` and the other tables and figures of the paper, once their arguments are known."""

import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import typer

from miais.cli.experiment_options import (
    ExperimentOptions,
    experiment_fabric,
    provenance,
    report_on_bar,
)
from miais.cli.output import json_line, print_table
from miais.experiments.figures import require_matplotlib
from miais.experiments.paper import PaperName
from miais.experiments.paper.experiments import PAPER
from miais.experiments.paper.page import write_page
from miais.experiments.paper.table import PaperTable, fill
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import SCALES, Places
from miais.experiments.results import ResultFolder

_PATIENCE_S = 5.0


def run_paper_experiments(
    options: ExperimentOptions,
    *,
    name: PaperName | Literal["all"],
    scale: Literal["small", "paper"],
    steps: int | None,
    seeds: int,
    systems: Path | None,
) -> None:
    """Run one of the paper's experiments, or all, print the tables, and write `index.html`.

    Raises:
        typer.BadParameter: If sources are given that the experiments choose themselves, or steps that the scale has.
        ValueError, FileNotFoundError: As the parts that are called.
        KeyboardInterrupt: If Ctrl-C stopped a training; the same command goes on there.
    """
    sources = options.sources
    if sources.covers is not None or sources.secrets is not None:
        raise typer.BadParameter("the paper's experiments choose secrets and covers themselves", param_hint="--covers")
    require_matplotlib()
    fabric = experiment_fabric(options)
    size = SCALES["tiny" if options.tiny else scale]
    if steps is not None:
        if size.steps is None:
            raise typer.BadParameter("at the scale of the paper each recipe has its own", param_hint="--steps")
        size = replace(size, steps=steps)
    until = math.inf if options.minutes is None else time.monotonic() + 60 * options.minutes
    with redirect_stdout(sys.stderr), report_on_bar() as report:  # trainings say on stdout how they go
        places = Places(None if options.tiny else sources.data_root, sources.protocol)
        workshop = Workshop(fabric, size, places, systems or options.out / "systems", report)
        folders = {each: options.out / each for each in PAPER} if name == "all" else {name: options.out}
        tables = {each: PAPER[each](workshop, folder) for each, folder in folders.items()}
        results = {
            each: ResultFolder(folder, provenance(options, {"experiment": each, "scale": size.name}, fabric))
            for each, folder in folders.items()
        }
        contents = _fill_all(tables, results, range(options.seed, options.seed + seeds), until, options.out, report)
    _print(options, tables, contents)


def _fill_all(
    tables: Mapping[PaperName, PaperTable],
    results: Mapping[PaperName, ResultFolder],
    seeds: Sequence[int],
    until: float,
    out: Path,
    report: Callable[[str, float, float], None],
) -> dict[PaperName, dict[str, Any]]:
    """Fill the tables, and return what they hold: each with the first seed before any with the next.

    What other processes are computing is come back to, until all is known or the time is over.
    """
    contents: dict[PaperName, dict[str, Any]] = {}
    waiting = [(each, seed) for seed in seeds for each in tables]
    while waiting:
        begun, waiting = waiting, []
        for each, seed in begun:
            content, complete = fill(tables[each], seeds, seed, results[each], until=until)
            if content is not None:
                contents[each] = content
            if not complete and time.monotonic() < until:
                waiting.append((each, seed))
            write_page(out, list(PAPER))
        if waiting == begun:
            report("waiting for other processes", 0, 1)
            time.sleep(_PATIENCE_S)
    return contents


def _print(
    options: ExperimentOptions, tables: Mapping[PaperName, PaperTable], contents: Mapping[PaperName, dict[str, Any]]
) -> None:
    for each, content in contents.items():
        if options.as_json:
            print(json_line(content), flush=True)
            continue
        table = tables[each]
        typer.echo(table.title)
        print_table(
            [column.title for column in table.short],
            [[column.cell(row) for column in table.short] for row in content["rows"]],
        )
    if not options.as_json:
        typer.echo(f"All columns, beside the paper's numbers: {options.out / 'index.html'}")
