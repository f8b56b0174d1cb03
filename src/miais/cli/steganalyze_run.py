"""`miais steganalyze`, once its arguments are known."""

import csv
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import typer

from miais.cli.output import print_record, print_table
from miais.cli.pictures import pictures_of, progress_over_files
from miais.steganalysis.stegexpose.files import analyse_file

Record = Mapping[str, object]
_SCORES = ("primary_sets", "chi_square", "sample_pairs", "rs", "fused")  # the order of the tool's own table
_COLUMNS = ("file", "stego", "message_bytes", *_SCORES, "error")
_FILES_OF_A_WORKER = 256
"""A process takes some seconds to start, as long as some hundreds of small files take."""


def run_stegexpose(
    images: Sequence[Path], *, threshold: float, fast: bool, workers: int | None, csv: Path | None, as_json: bool
) -> None:
    """Score files and print what was found.

    Args:
        images: Files and folders.
        threshold: In [0, 1].
        fast: As for `analyse_file`.
        workers: Processes; None: as many as pay.
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
        for record in bar.track(_records(files, threshold, fast, workers), total=len(files), description="StegExpose"):
            records.append(record)
            if as_json:
                print_record(record, as_json=True)
    if csv is not None:
        _write_csv(csv, records)
    _conclude(records, threshold, as_json)


def _files(images: Sequence[Path]) -> list[Path]:
    return [file for path in images for file in (pictures_of(path) if path.is_dir() else [path])]


def _records(files: Sequence[Path], threshold: float, fast: bool, workers: int | None) -> Iterator[Record]:
    """Yield the files' records, in their order."""
    job = partial(_record, threshold=threshold, fast=fast)
    workers = workers or min(_cores(), math.ceil(len(files) / _FILES_OF_A_WORKER))
    if workers == 1:
        yield from map(job, files)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(job, files, chunksize=4)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _record(path: Path, *, threshold: float, fast: bool) -> Record:
    try:
        report, message = analyse_file(path, threshold=threshold, fast=fast)
    except (ValueError, OSError) as error:
        return {"file": str(path), **dict.fromkeys((*_SCORES, "stego")), "error": str(error)}
    scores = {name: getattr(report, name) for name in ("primary_sets", "sample_pairs", "rs", "chi_square", "fused")}
    return {"file": str(path), **scores, "stego": report.stego, "message_bytes": message}


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_csv(path: Path, files: Iterable[Path]) -> None:
    """Refuse a name that cannot be written or would replace a picture, before minutes are spent."""
    if path.is_dir() or not path.parent.is_dir():
        raise typer.BadParameter(f"expected the name of a file in a folder that exists, got {path}", param_hint="--csv")
    if path.exists() and any(file.exists() and path.samefile(file) for file in files):
        raise typer.BadParameter(f"{path} is one of the pictures; choose another name", param_hint="--csv")


def _write_csv(path: Path, records: Iterable[Record]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
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


def _conclude(records: Sequence[Record], threshold: float, as_json: bool) -> None:
    failed = [record for record in records if "error" in record]
    if not as_json:
        for record in failed:
            typer.echo(f"Error: {record['error']}", err=True)
        read = [record for record in records if "error" not in record]
        if read:
            keys = ("file", *_SCORES, "stego")
            titles = ("file", *(name.replace("_", " ") for name in keys[1:]))
            names = [Path(str(record["file"])).name for record in read]
            if len(set(names)) == len(names):  # a folder's name before each would leave the table no room
                read = [{**record, "file": name} for record, name in zip(read, names, strict=True)]
            print_table(titles, [[_cell(record[key]) for key in keys] for record in read])
            suspicious = sum(record["stego"] is True for record in read)
            typer.echo(f"{suspicious} of {len(read)} pictures score above {threshold:g}.")
    if failed:
        typer.echo(f"{len(failed)} of {len(records)} files could not be read.", err=True)
        raise typer.Exit(1)


def _cell(value: object) -> object:
    return (None if math.isnan(value) else f"{value:.4f}") if isinstance(value, float) else value
