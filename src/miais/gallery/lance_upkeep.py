"""The files of a LanceDB table: few, indexed where there is much in them, and without what was removed."""

import time
from datetime import timedelta
from typing import Any

from lancedb.index import IvfFlat

from miais.gallery.lance_rows import EMBEDDING

INDEXED_FROM = 50_000
"""Rows; fewer are compared one by one."""
_UNTIDY = 64  # files; each enrolment makes one
_TRIES = 50


def tidy_if_needed(table: Any, added: int) -> None:
    """Tidy a table that has become slow.

    Args:
        table: The table.
        added: Rows that were just added.
    """
    if added >= INDEXED_FROM or table.stats()["fragment_stats"]["num_fragments"] >= _UNTIDY:
        _tidy(table)
        _index(table)


def purge(table: Any) -> None:
    """Delete every file that only older versions of a table have.

    Raises:
        OSError: If some stay.
    """
    for _ in range(_TRIES):
        _tidy(table)
        if len(table.list_versions()) == 1:  # a version of the last millisecond stays, with all its files
            _index(table)
            return
    raise OSError("older versions of the gallery could not be deleted; open it again to try again")


def _tidy(table: Any) -> None:
    time.sleep(0.01)
    table.optimize(cleanup_older_than=timedelta(milliseconds=1), delete_unverified=True)


def _index(table: Any) -> None:
    rows = table.count_rows()
    if rows >= INDEXED_FROM and not table.list_indices():
        parts = max(1, int(rows**0.5) // 2)
        table.create_index(EMBEDDING, config=IvfFlat(distance_type="l2", num_partitions=parts))
