"""How a verb prints what it found: one line of JSON, or a table."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import typer
from rich.console import Console
from rich.table import Table

from miais.card import without_nan


def json_line(record: Mapping[str, object]) -> str:
    """Write a record as one line of JSON that every parser reads.

    Args:
        record: JSON values; NaN and infinity become null at any depth, and the key `reason` says where, by dotted
            paths, unless the record has one.

    Returns:
        ASCII without a line break.

    Example:
        >>> json_line({"container": {"psnr_db": math.inf}})
        '{"container": {"psnr_db": null}, "reason": "container.psnr_db is inf"}'
    """
    clean = without_nan(record)
    lost = [f"{path} is {value}" for path, value in _not_finite(record)]
    if lost:
        clean.setdefault("reason", "; ".join(lost))
    return json.dumps(clean, allow_nan=False)


def _not_finite(value: object, path: str = "") -> Iterator[tuple[str, float]]:
    """Find NaN and infinity in JSON values, each with its dotted path."""
    parts: Iterable[tuple[object, object]] = ()
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, list | tuple):
        parts = enumerate(value)
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, value
    for key, part in parts:
        yield from _not_finite(part, f"{path}.{key}" if path else str(key))


def print_record(record: Mapping[str, object], *, as_json: bool) -> None:
    """Print one record on stdout, as a line of JSON or as a table of two columns."""
    if as_json:
        print(json_line(record), flush=True)
    else:
        print_table(("", ""), [(key, value) for key, value in record.items()])


def print_outcome(record: Mapping[str, object], *, as_json: bool) -> None:
    """Print what came of one file among many: its line of JSON, or the `error` that stands in its record."""
    if as_json:
        print_record(record, as_json=True)
    elif "error" in record:
        typer.echo(f"Error: {record['error']}", err=True)


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table on stdout; nothing is cut off on a narrow terminal, long values go on in the next line."""
    table = Table(show_header=any(header))
    for title in header:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    Console(markup=False, emoji=False, highlight=False).print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "x".join(str(part) for part in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
