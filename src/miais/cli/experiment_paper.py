"""`miais experiment table3` and the other tables and figures of the paper, once their arguments are known."""

import math
import sys
import time
from contextlib import redirect_stdout
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
from miais.experiments.paper import PAPER, PaperName
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
    seeds: int,
    systems: Path | None,
) -> None:
    """Run one of the paper's experiments, or all, print the tables, and write `index.html`.

    Raises:
        typer.BadParameter: If sources are given that the experiments choose themselves.
        ValueError, FileNotFoundError: As the parts that are called.
        KeyboardInterrupt: If Ctrl-C stopped a training; the same command goes on there.
    """
    sources = options.sources
    if sources.covers is not None or sources.secrets is not None:
        raise typer.BadParameter("the paper's experiments choose secrets and covers themselves", param_hint="--covers")
    require_matplotlib()
    fabric = experiment_fabric(options)
    size = SCALES["tiny" if options.tiny else scale]
    until = math.inf if options.minutes is None else time.monotonic() + 60 * options.minutes
    contents: dict[str, tuple[PaperTable, dict[str, Any]]] = {}
    with redirect_stdout(sys.stderr), report_on_bar() as report:  # trainings say on stdout how they go
        places = Places(None if options.tiny else sources.data_root, sources.protocol)
        workshop = Workshop(fabric, size, places, systems or options.out / "systems", report)
        names = list(PAPER) if name == "all" else [name]
        all_seeds = range(options.seed, options.seed + seeds)
        waiting = [(each, turn) for turn in all_seeds for each in names]
        while waiting:
            begun, waiting = waiting, []
            for each, turn in begun:
                folder = options.out / each if name == "all" else options.out
                results = ResultFolder(folder, provenance(options, {"experiment": each, "scale": size.name}, fabric))
                table = PAPER[each](workshop, folder)
                filled = fill(table, all_seeds, turn, results, until=until)
                if filled.content is not None:
                    contents[each] = table, filled.content
                if not filled.complete and time.monotonic() < until:
                    waiting.append((each, turn))
                write_page(options.out, list(PAPER))
            if waiting == begun:  # others are making what is missing
                report("waiting for other processes", 0, 1)
                time.sleep(_PATIENCE_S)
    for table, content in contents.values():
        if options.as_json:
            print(json_line(content), flush=True)
            continue
        typer.echo(table.title)
        print_table(
            [column.title for column in table.short],
            [[column.cell(row) for column in table.short] for row in content["rows"]],
        )
    if not options.as_json:
        typer.echo(f"All columns, beside the paper's numbers: {options.out / 'index.html'}")
