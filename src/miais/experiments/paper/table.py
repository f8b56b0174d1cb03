"""What the paper's tables have in common: rows of several seeds, computed one at a time, beside the paper's numbers."""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from miais.experiments.paper.sharing import TakenElsewhereError, claimed
from miais.experiments.results import Column, ResultFolder, RowPlan
from miais.experiments.seeds import spread

Record = Mapping[str, Any]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SeededRow:
    """A row of a table.

    Attributes:
        name: Of its files.
        facts: What its columns say beside scores, JSON values.
        settings: All that decides its scores beside the seed, JSON values.
        compute: From the seed to its scores: numbers, None, and mappings of them.
    """

    name: str
    facts: Mapping[str, Any]
    settings: Mapping[str, Any]
    compute: Callable[[int], Mapping[str, Any]]


@dataclass(frozen=True)
class PaperTable:
    """A table or figure of the paper.

    Attributes:
        title: Of the table.
        rows: In their order.
        columns: Of the combined records: `values` has `facts`, `scores` by `spread`, and `seeds`.
        notes: Sentences under it.
        short: Columns for a terminal.
        draw: Makes figures of the combined records, once all are known.
    """

    title: str
    rows: Sequence[SeededRow]
    columns: Sequence[Column]
    notes: Sequence[str]
    short: Sequence[Column]
    draw: Callable[[Sequence[Record]], None] | None = None


class Filled(NamedTuple):
    """A table as far as it is known.

    Attributes:
        content: Of `table.json`; None if no row is known.
        complete: Whether all rows of the seed are known whose turn it was.
    """

    content: dict[str, Any] | None
    complete: bool


def fill(
    table: PaperTable, seeds: Sequence[int], turn: int, results: ResultFolder, *, until: float = math.inf
) -> Filled:
    """Compute what is missing of a seed, and write the table of all that is known after each row.

    A row that another process is computing, or that needs what it is making, is left out for now.

    Args:
        table: The table.
        seeds: Of its rows.
        turn: The one of them that is computed; rows of the others are taken where they are known.
        results: Its folder.
        until: Begin no row after this time of `time.monotonic`.

    Raises:
        ValueError: If the folder has rows of other settings.
    """

    def plan(row: SeededRow, seed: int) -> RowPlan:
        settings = {**row.settings, "seed": seed}
        return RowPlan(f"{row.name}-{seed}", settings, lambda: {"facts": row.facts, "scores": row.compute(seed)})

    def write() -> dict[str, Any] | None:
        known = {row.name: [results.known(plan(row, seed)) for seed in seeds] for row in table.rows}
        found = {name: [record for record in records if record is not None] for name, records in known.items()}
        records = [over_seeds(name, known) for name, known in found.items() if known]
        return results.write_table(table.title, records, table.columns, table.notes) if records else None

    results.check([plan(row, seed) for seed in seeds for row in table.rows])
    complete = True
    for row in table.rows:
        known = results.known(plan(row, turn)) is not None
        if not known and time.monotonic() < until:
            known = _computed(results, plan(row, turn))
            if known:
                write()
        complete &= known
    content = write()
    if complete and content is not None and table.draw is not None:
        try:
            table.draw(content["rows"])
        except FileNotFoundError as error:  # rows that were copied here without what their figure is drawn from
            logger.warning("%s: no figure is drawn, for %s", table.title, error)
    return Filled(content, complete)


def _computed(results: ResultFolder, plan: RowPlan) -> bool:
    """Compute a row, unless another process is making it, or what it needs."""
    try:
        with claimed(results.rows / plan.name):
            results.row(plan)
    except TakenElsewhereError:
        return False
    return True


def over_seeds(name: str, records: Sequence[Record]) -> dict[str, Any]:
    """Combine the records of a row's seeds: `facts` as they are, `scores` by `spread`, provenance of each."""
    values = {
        "facts": records[0]["values"]["facts"],
        "scores": spread([record["values"]["scores"] for record in records]),
        "seeds": len(records),
    }
    return {"name": name, "values": values, "provenance": [record["provenance"] for record in records]}


def rows_by_recipe(
    titles: Mapping[str, str],
    settings: Callable[[str], Mapping[str, Any]],
    compute: Callable[[str, int], Mapping[str, Any]],
    **others: Any,
) -> list[SeededRow]:
    """Return a row for each recipe, with what it is called as `method`.

    Args:
        titles: By the recipes' names.
        settings: From a recipe to all that decides what it trains.
        compute: From recipe and seed to the scores.
        others: Settings of all rows.
    """
    return [
        SeededRow(recipe, {"method": title}, {**others, **settings(recipe)}, partial(compute, recipe))
        for recipe, title in titles.items()
    ]
