"""A gallery in a folder, kept by LanceDB: the default, a database with no server."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import RLock
from typing import Any

import lancedb
from torch import Tensor

from miais.gallery.checks import check_probes, checked_enrolments, unknown_person
from miais.gallery.duplicates import new_among
from miais.gallery.folder import GalleryFolder
from miais.gallery.gallery import Enrolment, Maker, Match, Person
from miais.gallery.lance_mark import UnfinishedMark
from miais.gallery.lance_rows import (
    ADDED,
    FIRST,
    PERSON,
    enrolments_of,
    is_person,
    rows_near,
    rows_of,
    schema_of,
    vectors_of,
)
from miais.gallery.lance_upkeep import purge, tidy_if_needed
from miais.gallery.listing import list_people
from miais.gallery.names import spelled
from miais.gallery.ranking import Vectors, search_people

_TABLE = "containers"
_CACHES = 2**30, 2**24  # bytes: the index of a million people, and what Lance keeps of each old version, a GB if let


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
        self._lock = RLock()
        self._counted: tuple[int, int] | None = None
        self._mark = UnfinishedMark(path)
        with ExitStack() as undo:
            undo.callback(self._folder.close)
            database = lancedb.connect(str(path), session=lancedb.Session(*_CACHES))
            self._table: Any = database.create_table(_TABLE, schema=schema_of(self.maker.dimension), exist_ok=True)
            if self._mark.left:  # a process was killed while it enrolled or forgot somebody
                self._purge()
            undo.pop_all()

    @property
    def containers(self) -> int:
        """How many are enrolled, of all people."""
        return self._counts()[0]

    def __len__(self) -> int:
        """Count the people."""
        return self._counts()[1]

    def enrol(self, enrolments: Sequence[Enrolment]) -> int:
        """Add containers; see `Gallery.enrol`."""
        wanted = checked_enrolments(enrolments, self.maker.dimension)
        if not wanted:
            return 0
        with self._lock:
            there = list(vectors_of(self._rows(), {one.person for one in wanted}, self.maker.dimension))
            new = new_among(wanted, there)
            if new:
                rows = rows_of(new, {person for person, _ in there}, self.maker.dimension)
                self._counted = None
                with self._mark.around():
                    self._table.add(rows)
                tidy_if_needed(self._table, len(new))
        return len(new)

    def forget(self, person: str) -> int:
        """Remove a person; see `Gallery.forget`. Rewrites the table: seconds where it is large."""
        person = spelled(person)
        with self._lock:
            count = int(self._table.count_rows(is_person(person)))
            if not count:
                if self._mark.left:  # an enrolment that failed may have left files that nobody lists
                    self._purge()
                raise unknown_person(person, self)
            self._mark.set()
            others = self._rows().where(f"NOT {is_person(person)}").to_batches()
            self._counted = None
            self._table.add(others, mode="overwrite")  # rows that were only deleted would stay in their files
            self._purge()
        return count

    def search(self, probes: Tensor, top: int) -> list[list[Match]]:
        """Find the people nearest to each probe; see `Gallery.search`."""
        check_probes(probes, self.maker.dimension, top)
        with self._lock:
            return [self._search(probe, top) for probe in probes.detach().float().cpu().numpy()]

    def people(self) -> list[Person]:
        """List the people, by name."""
        with self._lock:
            rows = self._rows().select([PERSON, ADDED]).to_arrow()
        return list_people(zip(rows[PERSON].to_pylist(), rows[ADDED].to_pylist(), strict=True))

    def enrolments(self, person: str | None = None) -> Iterator[Enrolment]:
        """Go through enrolled containers; see `Gallery.enrolments`."""
        query = self._rows()
        if person is not None:
            person = spelled(person)
            query = query.where(is_person(person))
            if not self._table.count_rows(is_person(person)):
                raise unknown_person(person, self)
        return enrolments_of(query.to_batches())

    def close(self) -> None:
        """Let others open the folder."""
        self._folder.close()

    def _counts(self) -> tuple[int, int]:
        """Count containers and people once, until they change: only this process changes them."""
        with self._lock:
            if self._counted is None:
                self._counted = int(self._table.count_rows()), int(self._table.count_rows(FIRST))
            return self._counted

    def _rows(self) -> Any:
        return self._table.search().limit(max(1, self.containers))  # without a limit it gives ten

    def _search(self, probe: Any, top: int) -> list[Match]:
        def nearest_rows(wanted: int) -> tuple[Vectors, list[str]]:
            return rows_near(self._table, probe, wanted, self.maker.dimension)

        return search_people(probe, nearest_rows, most=self.containers, top=top)

    def _purge(self) -> None:
        purge(self._table, self._folder.path)
        self._mark.clear()
