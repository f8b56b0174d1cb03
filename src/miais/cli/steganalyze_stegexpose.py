"""StegExpose for `miais steganalyze`, in one process or in several."""

import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from miais.cli.steganalyze_run import Record, failure
from miais.steganalysis.stegexpose.files import analyse_file

_SCORES = ("primary_sets", "chi_square", "sample_pairs", "rs", "fused")  # the order of the tool's own table
_FILES_OF_A_WORKER = 256
"""A process takes some seconds to start, as long as some hundreds of small files take."""


@dataclass(frozen=True)
class StegExposeJudge:
    """A `Judge` that gives the real tool's numbers.

    Attributes:
        threshold: In [0, 1].
        fast: As for `analyse_file`.
        workers: Processes; None: as many as pay.
    """

    threshold: float
    fast: bool
    workers: int | None
    name = "StegExpose"
    scores = _SCORES
    csv_columns = ("file", "stego", "message_bytes", *_SCORES, "error")

    def records(self, files: Sequence[Path]) -> Iterator[Record]:
        """Yield the files' records, in their order."""
        job = partial(_record, threshold=self.threshold, fast=self.fast)
        workers = self.workers or min(_cores(), math.ceil(len(files) / _FILES_OF_A_WORKER))
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
        return failure(path, _SCORES, error)
    scores = {name: getattr(report, name) for name in ("primary_sets", "sample_pairs", "rs", "chi_square", "fused")}
    return {"file": str(path), **scores, "stego": report.stego, "message_bytes": message}


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
