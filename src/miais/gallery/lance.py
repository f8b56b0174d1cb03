"""A gallery in a folder, kept by LanceDB: the default, a database with no server."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from threading import RLock
from typing import Any

import lancedb
from lancedb.index import IvfFlat
from torch import Tensor

from miais.gallery.checks import check_enrolments, check_probes, unknown_person
from miais.gallery.folder import GalleryFolder
from miais.gallery.gallery import Enrolment, Maker, Match, Person
from miais.gallery.lance_rows import (
    ADDED,
    EMBEDDING,
    FIRST,
    PERSON,
    enrolments_of,
    matrix_of,
    quoted,
    rows_of,
    schema_of,
)
from miais.gallery.listing import list_people
from miais.gallery.ranking import nearest_people

_TABLE = "containers"
_FORGETTING = "forgetting"  # file that says that traces of somebody may still be there; it does not say of whom
_INDEXED_FROM = 50_000  # rows; fewer are compared one by one
_TIDY_EVERY = 64  # enrolments, each a file of its own until then
_PARTS_SEARCHED = 32


class LanceGallery:
    """Enrolled people in a folder that one process at a time has open. See `Gallery`.

    A commit is one new manifest, written in full or not at all: it survives the process that is killed. The files are
    not forced to disk, so a power cut may lose the last enrolments.

    Args:
        path, maker, create: As `GalleryFolder`.

    Raises:
        As `GalleryFolder`.
    """

    def __init__(self, path: Path, maker: Maker | None, *, create: bool) -> None:
        self._folder = GalleryFolder(path, maker, create=create)
        self.maker = self._folder.maker
        self._lock, self._untidy = RLock(), 0
        self._table: Any = lancedb.connect(str(path)).create_table(
            _TABLE, schema=schema_of(self.maker.dimension), exist_ok=True
        )
        if self._mark.exists():  # the process that was forgetting somebody was killed
            self._purge()

    @property
    def containers(self) -> int:
        """How many are enrolled, of all people."""
        return int(self._table.count_rows())

    def __len__(self) -> int:
        """Count the people."""
        return int(self._table.count_rows(FIRST))

    def enrol(self, enrolments: Sequence[Enrolment]) -> None:
        """Add containers; see `Gallery.enrol`."""
        check_enrolments(enrolments, self.maker.dimension)
        if not enrolments:
            return
        with self._lock:
            known = self._known({one.person for one in enrolments})
            self._table.add(rows_of(enrolments, known, self.maker.dimension))
            self._untidy += 1
            if self._untidy >= _TIDY_EVERY or len(enrolments) >= _INDEXED_FROM:
                self._tidy()

    def forget(self, person: str) -> int:
        """Remove a person; see `Gallery.forget`. Rewrites the table: seconds where it is large."""
        with self._lock:
            count = int(self._table.count_rows(f"{PERSON} = {quoted(person)}"))
            if not count:
                raise unknown_person(person, (one.name for one in self.people()))
            self._mark.touch()
            self._table.delete(f"{PERSON} = {quoted(person)}")
            self._purge()
        return count

    def search(self, probes: Tensor, top: int) -> list[list[Match]]:
        """Find the people nearest to each probe; see `Gallery.search`."""
        check_probes(probes, self.maker.dimension, top)
        with self._lock:
            return [self._search(probe, top) for probe in probes.detach().float().cpu().numpy()]

    def people(self) -> list[Person]:
        """List the people, by name."""
        rows = self._rows().select([PERSON, ADDED]).to_arrow()
        return list_people(zip(rows[PERSON].to_pylist(), rows[ADDED].to_pylist(), strict=True))

    def enrolments(self, person: str | None = None) -> Iterator[Enrolment]:
        """Go through enrolled containers; see `Gallery.enrolments`."""
        query = self._rows()
        if person is not None:
            query = query.where(f"{PERSON} = {quoted(person)}")
            if not self._known({person}):
                raise unknown_person(person, (one.name for one in self.people()))
        return enrolments_of(query.to_batches())

    def close(self) -> None:
        """Let others open the folder."""
        self._folder.close()

    @property
    def _mark(self) -> Path:
        return self._folder.path / _FORGETTING

    def _rows(self) -> Any:
        return self._table.search().limit(max(1, self.containers))  # without a limit it gives ten

    def _known(self, people: set[str]) -> set[str]:
        names = ", ".join(quoted(name) for name in sorted(people))
        rows = self._rows().where(f"{FIRST} AND {PERSON} IN ({names})").select([PERSON]).to_arrow()
        return set(rows[PERSON].to_pylist())

    def _search(self, probe: Any, top: int) -> list[Match]:
        """Ask for more rows than people, as one person may have several, until there are enough people."""
        total, wanted = self.containers, 4 * top + 16
        while total:
            query = self._table.search(probe, vector_column_name=EMBEDDING).distance_type("l2")
            rows = query.nprobes(_PARTS_SEARCHED).limit(wanted).select([PERSON, EMBEDDING, "_distance"]).to_arrow()
            people = rows[PERSON].to_pylist()
            if len(set(people)) >= top or len(people) < wanted:
                return nearest_people(probe, matrix_of(rows, self.maker.dimension), people, top)
            wanted *= 4
        return []

    def _purge(self) -> None:
        """Write all rows anew without those that were removed, and delete every older file."""
        for index in self._table.list_indices():
            self._table.drop_index(index.name)  # it holds the embeddings too
        some = self._table.search().select([PERSON]).limit(1).to_arrow()[PERSON].to_pylist()
        if some:  # two files are written into one, and a single one left as it is: so one person moves to a second
            self._table.update(where=f"{PERSON} = {quoted(some[0])} AND {FIRST}", values={FIRST: True})
        self._tidy()
        self._mark.unlink(missing_ok=True)

    def _tidy(self) -> None:
        time.sleep(0.01)  # versions of this very millisecond would stay
        self._table.optimize(cleanup_older_than=timedelta(milliseconds=1), delete_unverified=True)
        self._untidy, rows = 0, self.containers
        if rows >= _INDEXED_FROM and not self._table.list_indices():
            parts = max(1, int(rows**0.5) // 2)
            self._table.create_index(EMBEDDING, config=IvfFlat(distance_type="l2", num_partitions=parts))
