"""How a verb prints what it found: one line of JSON, or a table."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table


def json_line(record: Mapping[str, object]) -> str:
    """Write a record as one line of JSON that every parser reads.

    Args:
        record: JSON values; NaN and infinity become null, and the key `reason` says so unless the record has one.

    Returns:
        ASCII without a line break.

    Example:
        >>> json_line({"psnr_db": math.inf})
        '{"psnr_db": null, "reason": "psnr_db is inf"}'
    """
    lost = {key: value for key, value in record.items() if isinstance(value, float) and not math.isfinite(value)}
    clean = {**record, **dict.fromkeys(lost)}
    if lost:
        clean.setdefault("reason", "; ".join(f"{key} is {value}" for key, value in lost.items()))
    return json.dumps(clean, allow_nan=False)


def print_record(record: Mapping[str, object], *, as_json: bool) -> None:
    """Print one record on stdout, as a line of JSON or as a table of two columns."""
    if as_json:
        print(json_line(record), flush=True)
    else:
        print_table(("", ""), [(key, value) for key, value in record.items()])


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
