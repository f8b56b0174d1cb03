"""A gallery in memory that compares with everybody: what the databases are measured against."""

from collections.abc import Iterator, Sequence
from threading import RLock

import numpy as np
from torch import Tensor

from miais.gallery.checks import check_probes, checked_enrolments, unknown_person
from miais.gallery.duplicates import new_among
from miais.gallery.gallery import Enrolment, Maker, Match, Person
from miais.gallery.listing import list_people
from miais.gallery.names import spelled
from miais.gallery.ranking import nearest_people


class ExactGallery:
    """Enrolled people in memory; gone with the process. See `Gallery`.

    Args:
        maker: What makes the embeddings.
    """

    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self._rows: list[Enrolment] = []
        self._matrix = np.empty((0, maker.dimension), np.float32)
        self._lock = RLock()

    @property
    def containers(self) -> int:
        """How many are enrolled, of all people."""
        return len(self._rows)

    def __len__(self) -> int:
        """Count the people."""
        return len({row.person for row in self._rows})

    def enrol(self, enrolments: Sequence[Enrolment]) -> int:
        """Add containers; see `Gallery.enrol`."""
        wanted = checked_enrolments(enrolments, self.maker.dimension)
        people = {one.person for one in wanted}
        with self._lock:
            there = ((row.person, row.embedding.numpy()) for row in self._rows if row.person in people)
            new = new_among(wanted, there)
            self._keep([*self._rows, *new])
        return len(new)

    def forget(self, person: str) -> int:
        """Remove a person; see `Gallery.forget`."""
        person = spelled(person)
        with self._lock:
            kept = [row for row in self._rows if row.person != person]
            removed = len(self._rows) - len(kept)
            if not removed:
                raise unknown_person(person, self)
            self._keep(kept)
        return removed

    def search(self, probes: Tensor, top: int) -> list[list[Match]]:
        """Find the people nearest to each probe; see `Gallery.search`."""
        check_probes(probes, self.maker.dimension, top)
        with self._lock:
            matrix, people = self._matrix, [row.person for row in self._rows]
        return [nearest_people(probe, matrix, people, top) for probe in probes.detach().cpu().numpy()]

    def people(self) -> list[Person]:
        """List the people, by name."""
        return list_people((row.person, row.added) for row in self._rows)

    def enrolments(self, person: str | None = None) -> Iterator[Enrolment]:
        """Go through enrolled containers; see `Gallery.enrolments`."""
        person = None if person is None else spelled(person)
        found = [row for row in self._rows if person in (None, row.person)]
        if person is not None and not found:
            raise unknown_person(person, self)
        return iter(found)

    def close(self) -> None:
        """Let everything go."""
        self._keep([])

    def _keep(self, rows: list[Enrolment]) -> None:
        self._matrix = np.stack([row.embedding.numpy() for row in rows]) if rows else self._matrix[:0]
        self._rows = rows
