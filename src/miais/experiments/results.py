"""The folder of an experiment: rows that are computed once, and the table made of them.

`rows/NAME.json` is written as soon as a row is known, with all that decides it. The same command again takes it from
there; another system, seed or setting is refused, so that no table mixes what does not belong together.
"""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from miais.card import without_nan
from miais.training.run_folder import changed_settings

TABLE = "table"
Report = Callable[[str, int, int], None]
"""Told what is being done, how far it is, and of how much."""


@dataclass(frozen=True)
class RowPlan:
    """A row before it is known.

    Attributes:
        name: Of its file; letters, digits, "-", "_" and ".", the last not at the start.
        settings: All that decides its values, JSON values.
        compute: Gives its values, JSON values; NaN and infinity become null.

    Raises:
        ValueError: If the name is not one of a file.
    """

    name: str
    settings: Mapping[str, Any]
    compute: Callable[[], Mapping[str, Any]]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w-][\w.-]*", self.name):
            raise ValueError(
                f"expected a row's name of letters, digits, '-', '_' and '.', got {self.name!r}; rename the system"
            )


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes:
        title: Its head.
        cell: From a row's record, as `ResultFolder.row` gives it, to what stands there.
    """

    title: str
    cell: Callable[[Mapping[str, Any]], str]


class ResultFolder:
    """Rows and table of one experiment.

    Args:
        folder: Made if missing.
        provenance: What made the rows: commit, machine, command and the like, JSON values.
    """

    def __init__(self, folder: Path, provenance: Mapping[str, Any]) -> None:
        self.folder, self.provenance = folder, provenance
        self.rows = folder / "rows"
        self.rows.mkdir(parents=True, exist_ok=True)

    def check(self, plans: Sequence[RowPlan]) -> None:
        """Refuse a folder whose rows were made with other settings, before anything is computed.

        Raises:
            ValueError: If a row was made with other settings or cannot be read, or two plans have one name.
        """
        names = [plan.name for plan in plans]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"expected rows of different names, got {', '.join(twice)} twice; rename one system")
        for plan in plans:
            self.known(plan)

    def row(self, plan: RowPlan) -> dict[str, Any]:
        """Return a row's record, computed only if its file is not there.

        Returns:
            `name`, `settings`, `values` and `provenance`, as the file has them.

        Raises:
            ValueError: As `check`.
        """
        known = self.known(plan)
        if known is None:
            start = time.perf_counter()
            values = plan.compute()
            record = {
                "name": plan.name,
                "settings": plan.settings,
                "values": values,
                "provenance": {**self.provenance, "date": _now(), "seconds": round(time.perf_counter() - start, 1)},
            }
            write_whole(self._path(plan.name), _json(record))
            # Read again: a row that was just computed and one that is reused are the same to the last digit.
            known = self.known(plan)
        if known is None:
            raise FileNotFoundError(f"{self._path(plan.name)} vanished while the experiment ran; start it again")
        return known

    def known(self, plan: RowPlan) -> dict[str, Any] | None:
        """Return a row's record as `row` does, None if it is not computed yet.

        Raises:
            ValueError: As `check`.
        """
        path = self._path(plan.name)
        if not path.exists():
            return None
        try:
            record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            before, _ = record["settings"], record["values"]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}: expected an experiment's row, cannot read it ({error!r}); remove it") from None
        changes = changed_settings(before, plan.settings)
        if changes:
            raise ValueError(
                f"{path} was made with other settings: {changes}. Give the settings of then, choose another --out, or "
                "remove this file to compute the row anew"
            )
        return record

    def fill(
        self,
        plans: Sequence[RowPlan],
        title: str,
        columns: Sequence[Column],
        notes: Sequence[str],
        draw: Callable[[Sequence[Mapping[str, Any]]], None],
    ) -> dict[str, Any]:
        """Compute the rows that are missing, and write table and figures after each.

        Args:
            plans: Of the rows, in the order of the table.
            title: Of the table.
            columns: As for `write_table`.
            notes: The same.
            draw: Called with the records so far.

        Returns:
            The content of `table.json`.

        Raises:
            ValueError: As `check`.
        """
        self.check(plans)
        records: list[dict[str, Any]] = []
        table: dict[str, Any] = {}
        for plan in plans:
            records.append(self.row(plan))
            table = self.write_table(title, records, columns, notes)
            draw(records)
        return table

    def write_table(
        self, title: str, records: Sequence[Mapping[str, Any]], columns: Sequence[Column], notes: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Write `table.json` and `table.md`, each in full or not at all.

        Args:
            title: Of the table.
            records: As `row` gives them, in the order of the table; several rows in one have a list of provenances.
            columns: Of `table.md` and of the `cells` of `table.json`, whose `rows` have all values.
            notes: Sentences under the table.

        Returns:
            The content of `table.json`.
        """
        provenance = {**self.provenance, "rows": _origins(records), "date": _now()}
        heads, cells = (
            [column.title for column in columns],
            [[column.cell(row) for column in columns] for row in records],
        )
        content = {
            "title": title,
            "provenance": provenance,
            "notes": list(notes),
            "columns": heads,
            "cells": cells,
            "rows": list(records),
        }
        write_whole(self.folder / f"{TABLE}.json", _json(content))
        lines = [f"# {title}", "", *_markdown(heads, cells), ""]
        lines += [f"* {note}" for note in notes]
        lines += ["", *(f"- {key}: {_inline(value)}" for key, value in provenance.items()), ""]
        write_whole(self.folder / f"{TABLE}.md", "\n".join(lines))
        read: dict[str, Any] = json.loads(_json(content))
        return read

    def _path(self, name: str) -> Path:
        return self.rows / f"{name}.json"


def _origins(records: Sequence[Mapping[str, Any]]) -> str:
    """Say what made the rows: not always the command that made the table of them, nor in one place."""
    known = [record.get("provenance", []) for record in records]
    every = [one for some in known for one in (some if isinstance(some, list) else [some])]
    made = Counter(f"commit {one.get('commit')} on {one.get('machine')}" for one in every)
    return "; ".join(f"{count} of {origin}" for origin, count in made.items())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(without_nan(content), indent=2, allow_nan=False) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Write a text under a temporary name, force it to disk, and rename it: it is there in full or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]


def _inline(value: Any) -> str:
    return ", ".join(f"{key} {part}" for key, part in value.items()) if isinstance(value, Mapping) else str(value)
