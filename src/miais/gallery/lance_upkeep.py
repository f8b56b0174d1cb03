"""The files of a LanceDB table: few, indexed where there is much in them, and without what was removed."""

import logging
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from lancedb.index import IvfFlat

from miais.gallery.lance_rows import EMBEDDING

INDEXED_FROM = 50_000
"""Rows; fewer are compared one by one."""
_UNTIDY = 64  # files; each enrolment makes one
_TRIES = 50
_LOG = logging.getLogger(__name__)


def tidy_if_needed(table: Any, added: int) -> None:
    """Tidy a table that has become slow; where that fails, say so in the log: what was added is there.

    Args:
        table: The table.
        added: Rows that were just added.
    """
    if added >= INDEXED_FROM or table.stats()["fragment_stats"]["num_fragments"] >= _UNTIDY:
        try:
            _tidy(table)
            _index(table)
        except (OSError, RuntimeError) as error:
            _LOG.warning("the gallery's files could not be tidied, which makes it slower: %s", error)


def purge(table: Any, folder: Path) -> None:
    """Delete every file that only older versions of a table have, or none.

    Args:
        table: The table; nobody is writing to it.
        folder: Of the database.

    Raises:
        OSError: If some stay.
    """
    # What a killed process was writing: the table's own cleaning does not know these names.
    for path in folder.rglob("*"):
        if path.name.startswith(".tmp") or "#" in path.name:
            path.unlink(missing_ok=True)
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
