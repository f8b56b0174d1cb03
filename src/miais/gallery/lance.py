"""A gallery in a folder, kept by LanceDB: the default, a database with no server."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import RLock
from typing import Any

import lancedb
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
from miais.gallery.lance_upkeep import purge, tidy_if_needed
from miais.gallery.listing import list_people
from miais.gallery.ranking import Vectors, search_people

_TABLE = "containers"
_FORGETTING = "forgetting"  # file that says that traces of somebody may still be there; it does not say of whom
_NAMED = 1_000  # people; asking for more by name takes longer than reading all names
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
        self._lock = RLock()
        self._counted: tuple[int, int] | None = None
        self._table: Any = lancedb.connect(str(path)).create_table(
            _TABLE, schema=schema_of(self.maker.dimension), exist_ok=True
        )
        if self._mark.exists():  # the process that was forgetting somebody was killed
            self._purge()

    @property
    def containers(self) -> int:
        """How many are enrolled, of all people."""
        return self._counts()[0]

    def __len__(self) -> int:
        """Count the people."""
        return self._counts()[1]

    def enrol(self, enrolments: Sequence[Enrolment]) -> None:
        """Add containers; see `Gallery.enrol`."""
        check_enrolments(enrolments, self.maker.dimension)
        if not enrolments:
            return
        with self._lock:
            known = self._known({one.person for one in enrolments})
            self._counted = None
            self._table.add(rows_of(enrolments, known, self.maker.dimension))
            tidy_if_needed(self._table, len(enrolments))

    def forget(self, person: str) -> int:
        """Remove a person; see `Gallery.forget`. Rewrites the table: seconds where it is large."""
        with self._lock:
            count = int(self._table.count_rows(f"{PERSON} = {quoted(person)}"))
            if not count:
                raise unknown_person(person, (one.name for one in self.people()))
            self._mark.touch()
            others = self._rows().where(f"{PERSON} != {quoted(person)}").to_batches()
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

    def _counts(self) -> tuple[int, int]:
        """Count containers and people once, until they change: only this process changes them."""
        with self._lock:
            if self._counted is None:
                self._counted = int(self._table.count_rows()), int(self._table.count_rows(FIRST))
            return self._counted

    def _rows(self) -> Any:
        return self._table.search().limit(max(1, self.containers))  # without a limit it gives ten

    def _known(self, people: set[str]) -> set[str]:
        """Name those of some people who are enrolled, perhaps with others who are."""
        names = ", ".join(quoted(name) for name in sorted(people))
        which = FIRST if len(people) > _NAMED else f"{FIRST} AND {PERSON} IN ({names})"
        return set(self._rows().where(which).select([PERSON]).to_arrow()[PERSON].to_pylist())

    def _search(self, probe: Any, top: int) -> list[Match]:
        def nearest_rows(wanted: int) -> tuple[Vectors, list[str]]:
            query = self._table.search(probe, vector_column_name=EMBEDDING).distance_type("l2")
            rows = query.nprobes(_PARTS_SEARCHED).limit(wanted).select([PERSON, EMBEDDING, "_distance"]).to_arrow()
            return matrix_of(rows, self.maker.dimension), rows[PERSON].to_pylist()

        return search_people(probe, nearest_rows, most=self.containers, top=top)

    def _purge(self) -> None:
        purge(self._table)
        self._mark.unlink(missing_ok=True)
