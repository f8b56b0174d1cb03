"""A gallery kept by Milvus: on a server or a cluster, for those who outgrow one machine."""

from collections.abc import Iterator, Sequence
from functools import partial
from threading import RLock
from typing import Any

from pymilvus import MilvusClient
from torch import Tensor

from miais.gallery.checks import check_probes, checked_enrolments, unknown_person
from miais.gallery.duplicates import new_among
from miais.gallery.gallery import Enrolment, Maker, Match, Person
from miais.gallery.listing import list_people
from miais.gallery.makers import check_maker, maker_as_json, maker_from_json
from miais.gallery.milvus_rows import (
    ADDED,
    EMBEDDING,
    FIRST,
    PERSON,
    THUMBNAIL,
    asking,
    enrolment_of,
    is_person,
    make_collection,
    matrix_of,
    rows_of,
    time_of,
    vector_of,
)
from miais.gallery.names import spelled
from miais.gallery.ranking import Vectors, search_people

_COLLECTION, _MAKER = "miais_gallery", "miais.maker"
_AT_ONCE = 1_000  # rows in a message, which Milvus takes up to 64 MiB
_MOST_FOUND = 16_384  # rows that Milvus gives for a probe


class MilvusGallery:
    """Enrolled people in the collection `miais_gallery` of a database; several processes may use it. See `Gallery`.

    Three promises of `Gallery` are weaker here. More than 1,000 containers are added in parts, each of them in full or
    not at all. Forgotten people are out of every answer at once, and out of the server's files when it compacts them,
    which it does in its own time. Two processes that enrol somebody new in the same moment count two people.

    Args:
        uri: `http(s)://HOST:PORT`, perhaps with `/DATABASE`; or a path that ends in `.db`, for Milvus Lite.
        maker: What makes the embeddings; None for whatever the collection says.
        create: Whether to make the collection if there is none.
        token: What the server asks for, if it does.

    Raises:
        FileNotFoundError: If there is no gallery and none is to be made.
        OtherMakerError: As `check_maker`.
        ConnectionError: If Milvus does not answer, or refuses; so do all methods.
    """

    def __init__(self, uri: str, maker: Maker | None, *, create: bool, token: str | None = None) -> None:
        self._asking, self._lock = partial(asking, uri), RLock()
        with self._asking():
            self._client = MilvusClient(uri, token=token or "")
            if not self._client.has_collection(_COLLECTION):
                if maker is None or not create:
                    raise FileNotFoundError(f"{uri}: no gallery is there; `miais enroll` makes one")
                make_collection(self._client, _COLLECTION, maker.dimension, {_MAKER: maker_as_json(maker)})
            kept = self._client.describe_collection(_COLLECTION).get("properties", {})
            self.maker = maker_from_json(kept.get(_MAKER, "{}"))
            check_maker(uri, self.maker, maker)
            self._client.load_collection(_COLLECTION)

    @property
    def containers(self) -> int:
        """How many are enrolled, of all people."""
        return self._count("")

    def __len__(self) -> int:
        """Count the people."""
        return self._count(f"{FIRST} == true")

    def enrol(self, enrolments: Sequence[Enrolment]) -> int:
        """Add containers; see `Gallery.enrol`. What has returned is in Milvus' log, which outlives a killed server."""
        wanted, added = checked_enrolments(enrolments, self.maker.dimension), 0
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            with self._lock, self._asking():
                rows = self._rows(is_person(*sorted({one.person for one in part})), PERSON, EMBEDDING)
                there = [(row[PERSON], vector_of(row)) for row in rows]
                if new := new_among(part, there):
                    self._client.insert(_COLLECTION, rows_of(new, {name for name, _ in there}))
                    added += len(new)
        if added >= _AT_ONCE:
            with self._asking():
                self._client.flush(_COLLECTION)  # many rows are found faster in files than in the log
        return added

    def forget(self, person: str) -> int:
        """Remove a person; see `Gallery.forget`, and above when it is gone from the files."""
        person = spelled(person)
        with self._lock, self._asking():
            count = self._count(is_person(person))
            if not count:
                raise unknown_person(person, self)
            self._client.delete(_COLLECTION, filter=is_person(person))
        return count

    def search(self, probes: Tensor, top: int) -> list[list[Match]]:
        """Find the people nearest to each probe; see `Gallery.search`."""
        check_probes(probes, self.maker.dimension, top)
        most = min(self.containers, _MOST_FOUND)
        return [self._search(probe, most, top) for probe in probes.detach().float().cpu().numpy()]

    def people(self) -> list[Person]:
        """List the people, by name."""
        return list_people((row[PERSON], time_of(row)) for row in self._rows("", PERSON, ADDED))

    def enrolments(self, person: str | None = None) -> Iterator[Enrolment]:
        """Go through enrolled containers; see `Gallery.enrolments`."""
        which = "" if person is None else is_person(spelled(person))
        if person is not None and not self._count(which):
            raise unknown_person(person, self)
        return map(enrolment_of, self._rows(which, PERSON, EMBEDDING, THUMBNAIL, ADDED))

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def _count(self, which: str) -> int:
        with self._asking():
            return int(self._client.query(_COLLECTION, filter=which, output_fields=["count(*)"])[0]["count(*)"])

    def _rows(self, which: str, *fields: str) -> Iterator[dict[str, Any]]:
        with self._asking():
            rows = self._client.query_iterator(_COLLECTION, _AT_ONCE, filter=which, output_fields=list(fields))
            while batch := rows.next():
                yield from batch
            rows.close()

    def _search(self, probe: Vectors, most: int, top: int) -> list[Match]:
        def nearest_rows(wanted: int) -> tuple[Vectors, list[str]]:
            with self._asking():
                (hits,) = self._client.search(
                    _COLLECTION, data=[probe], limit=wanted, output_fields=[PERSON, EMBEDDING], anns_field=EMBEDDING
                )
            return matrix_of(hits), [hit["entity"][PERSON] for hit in hits]

        return search_people(probe, nearest_rows, most=most, top=top)
