"""`miais steganalyze`, once its arguments are known: files and folders, a judge, and what is printed."""

import csv
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import typer

from miais.cli.output import print_record, print_table
from miais.cli.pictures import pictures_of, progress_over_files

Record = Mapping[str, object]


class Judge(Protocol):
    """What looks at pictures."""

    @property
    def name(self) -> str:
        """For people to read."""

    @property
    def threshold(self) -> float:
        """A picture counts as stego above it."""

    @property
    def scores(self) -> Sequence[str]:
        """Keys of the numbers in a record, in the order of the table."""

    @property
    def csv_columns(self) -> Sequence[str]:
        """Keys of a record, in the order of the CSV file."""

    def records(self, files: Sequence[Path]) -> Iterator[Record]:
        """Yield a record for each file: `file`, the scores and `stego`, or an `error`."""


def run_steganalysis(images: Sequence[Path], judge: Judge, *, csv: Path | None, as_json: bool) -> None:
    """Score files and print what was found.

    Args:
        images: Files and folders.
        judge: What looks at them.
        csv: File for the scores, or None.
        as_json: Whether to print a line of JSON for each file instead of a table.

    Raises:
        ValueError: If a folder has no pictures.
        OSError: If the CSV file cannot be written.
        typer.Exit: With 1, if a file could not be read.
    """
    files = _files(images)
    if csv is not None:
        _check_csv(csv, files)
    records: list[Record] = []
    with progress_over_files(as_json) as bar:
        for record in bar.track(judge.records(files), total=len(files), description="looking"):
            records.append(record)
            if as_json:
                print_record(record, as_json=True)
    if csv is not None:
        _write_csv(csv, judge.csv_columns, records)
    _conclude(records, judge, as_json)


def failure(path: Path, scores: Iterable[str], error: Exception) -> Record:
    """Return the record of a file that could not be read."""
    return {"file": str(path), **dict.fromkeys((*scores, "stego")), "error": str(error)}


def _files(images: Sequence[Path]) -> list[Path]:
    return [file for path in images for file in (pictures_of(path) if path.is_dir() else [path])]


def _check_csv(path: Path, files: Iterable[Path]) -> None:
    """Refuse a name that cannot be written or would replace a picture, before minutes are spent."""
    if path.is_dir() or not path.parent.is_dir():
        raise typer.BadParameter(f"expected the name of a file in a folder that exists, got {path}", param_hint="--csv")
    if path.exists() and any(file.exists() and path.samefile(file) for file in files):
        raise typer.BadParameter(f"{path} is one of the pictures; choose another name", param_hint="--csv")


def _write_csv(path: Path, columns: Sequence[str], records: Iterable[Record]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _token(value) for key, value in record.items()} for record in records)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _token(value: object) -> object:
    """Write what is missing as the real tool does."""
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else "NaN" if value != value else value


def _conclude(records: Sequence[Record], judge: Judge, as_json: bool) -> None:
    failed = [record for record in records if "error" in record]
    if not as_json:
        for record in failed:
            typer.echo(f"Error: {record['error']}", err=True)
        read = [record for record in records if "error" not in record]
        if read:
            keys = ("file", *judge.scores, "stego")
            titles = ("file", *(name.replace("_", " ") for name in keys[1:]))
            names = [Path(str(record["file"])).name for record in read]
            if len(set(names)) == len(names):  # a folder's name before each would leave the table no room
                read = [{**record, "file": name} for record, name in zip(read, names, strict=True)]
            print_table(titles, [[_cell(record[key]) for key in keys] for record in read])
            suspicious = sum(record["stego"] is True for record in read)
            typer.echo(f"{suspicious} of {len(read)} pictures score above {judge.threshold:g} ({judge.name}).")
    if failed:
        typer.echo(f"{len(failed)} of {len(records)} files could not be read.", err=True)
        raise typer.Exit(1)


def _cell(value: object) -> object:
    return (None if math.isnan(value) else f"{value:.4f}") if isinstance(value, float) else value
