"""Enrolled containers as rows of a LanceDB table."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from miais.gallery.gallery import Enrolment

PERSON, EMBEDDING, THUMBNAIL, ADDED, FIRST = "person", "embedding", "thumbnail", "added", "first"
_NAMED = 1_000  # people; asking for more by name takes longer than reading all rows
_PARTS_SEARCHED = 32


def schema_of(dimension: int) -> Any:
    """Name the columns; `first` is true in one row of each person, which makes people quick to count."""
    return pa.schema(
        [
            (PERSON, pa.string()),
            (EMBEDDING, pa.list_(pa.float32(), dimension)),
            (THUMBNAIL, pa.binary()),
            (ADDED, pa.timestamp("us", tz="UTC")),
            (FIRST, pa.bool_()),
        ]
    )


def rows_of(enrolments: Sequence[Enrolment], known: set[str], dimension: int) -> Any:
    """Make a table of new containers.

    Args:
        enrolments: The containers.
        known: Those of their people who are enrolled.
        dimension: D.
    """
    seen, first = set(known), []
    for one in enrolments:
        first.append(one.person not in seen)
        seen.add(one.person)
    columns = {
        PERSON: [one.person for one in enrolments],
        EMBEDDING: [one.embedding.numpy() for one in enrolments],
        THUMBNAIL: [one.thumbnail for one in enrolments],
        ADDED: [one.added for one in enrolments],
        FIRST: first,
    }
    return pa.table(columns, schema=schema_of(dimension))


def enrolments_of(batches: Iterable[Any]) -> Iterator[Enrolment]:
    """Read rows back."""
    for batch in batches:
        for row in batch.to_pylist():
            vector = torch.tensor(np.asarray(row[EMBEDDING], np.float32))
            yield Enrolment(row[PERSON], vector, row[THUMBNAIL], row[ADDED])


def rows_near(table: Any, probe: Any, wanted: int, dimension: int) -> tuple[Any, list[str]]:
    """Find so many rows near a probe: their embeddings, shape (R, D), and whose they are."""
    query = table.search(probe, vector_column_name=EMBEDDING).distance_type("l2").nprobes(_PARTS_SEARCHED)
    rows = query.limit(wanted).select([PERSON, EMBEDDING, "_distance"]).to_arrow()
    return matrix_of(rows, dimension), rows[PERSON].to_pylist()


def vectors_of(query: Any, people: set[str], dimension: int) -> Iterator[tuple[str, Any]]:
    """Go through names and embeddings of some people, of the rows that a query gives."""
    if len(people) <= _NAMED:
        query = query.where(is_person(*sorted(people)))
    for batch in query.select([PERSON, EMBEDDING]).to_batches():
        matrix = matrix_of(pa.Table.from_batches([batch]), dimension)
        for person, vector in zip(batch[PERSON].to_pylist(), matrix, strict=True):
            if person in people:
                yield person, vector


def matrix_of(table: Any, dimension: int) -> Any:
    """Return the embeddings of a table as a matrix, shape (R, D)."""
    column = table[EMBEDDING].combine_chunks()
    return column.flatten().to_numpy(zero_copy_only=False).reshape(-1, dimension)


def is_person(*people: str) -> str:
    """Write a filter for rows of some people.

    Example:
        >>> print(is_person("Ann", "O'Hara"))
        person IN ('Ann', 'O''Hara')
    """
    return f"{PERSON} IN ({', '.join(map(quoted, people))})"


def quoted(text: str) -> str:
    """Write a text as a value of the table's query language."""
    return "'" + text.replace("'", "''") + "'"
