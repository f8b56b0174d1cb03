"""Enrolled containers as rows of a Milvus collection."""

import base64
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pymilvus import DataType, MilvusClient, MilvusException

from miais.gallery.gallery import Enrolment
from miais.gallery.names import MAX_NAME

PERSON, EMBEDDING, THUMBNAIL, ADDED, FIRST = "person", "embedding", "thumbnail", "added", "first"
_LONGEST = 65_535  # bytes of a text, in Milvus
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
logging.getLogger("pymilvus").setLevel(logging.ERROR)  # it warns of what Milvus Lite always lacks


@contextmanager
def asking(uri: str) -> Iterator[None]:
    """Turn Milvus' own errors into `ConnectionError`, with what to check."""
    try:
        yield
    except MilvusException as error:
        advice = "check that it runs, that no other process has the .db open, and the token"
        raise ConnectionError(f"{uri}: Milvus refused or is away ({error.message}); {advice}") from error


def make_collection(client: MilvusClient, name: str, dimension: int, properties: Mapping[str, str]) -> None:
    """Make a collection of containers; `first` is true in one row of each person, which makes people quick to count."""
    schema = client.create_schema(auto_id=True, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field(PERSON, DataType.VARCHAR, max_length=4 * MAX_NAME)  # bytes
    schema.add_field(EMBEDDING, DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_field(THUMBNAIL, DataType.VARCHAR, max_length=_LONGEST)  # base64: Milvus keeps no bytes
    schema.add_field(ADDED, DataType.INT64)
    schema.add_field(FIRST, DataType.BOOL)
    index = client.prepare_index_params()
    index.add_index(EMBEDDING, index_type="FLAT", metric_type="L2")  # compares with all: nothing near is missed
    client.create_collection(
        name,
        schema=schema,
        index_params=index,
        consistency_level="Strong",  # whoever asks sees all that was acknowledged
        properties=properties,
    )


def rows_of(enrolments: Sequence[Enrolment], known: set[str]) -> list[dict[str, Any]]:
    """Make rows of new containers.

    Args:
        enrolments: The containers.
        known: Those of their people who are enrolled.

    Raises:
        ValueError: If a thumbnail is too large for Milvus.
    """
    seen, rows = set(known), []
    for one in enrolments:
        small = base64.b64encode(one.thumbnail or b"").decode()
        if len(small) > _LONGEST:
            raise ValueError(f"{one.person}: expected a thumbnail of up to {3 * (_LONGEST // 4)} bytes, shrink it")
        rows.append(
            {
                PERSON: one.person,
                EMBEDDING: one.embedding.numpy(),
                THUMBNAIL: small,
                ADDED: (one.added - _EPOCH) // _MICROSECOND,
                FIRST: one.person not in seen,
            }
        )
        seen.add(one.person)
    return rows


def matrix_of(hits: Sequence[Mapping[str, Any]]) -> NDArray[np.float32]:
    """Return the embeddings that a search has found as a matrix, shape (R, D)."""
    return np.array([hit["entity"][EMBEDDING] for hit in hits], np.float32)


def enrolment_of(row: Mapping[str, Any]) -> Enrolment:
    """Read a row back."""
    return Enrolment(row[PERSON], torch.tensor(vector_of(row)), base64.b64decode(row[THUMBNAIL]) or None, time_of(row))


def vector_of(row: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return the embedding of a row, shape (D,)."""
    return np.asarray(row[EMBEDDING], np.float32)


def time_of(row: Mapping[str, Any]) -> datetime:
    """Say when a row was enrolled."""
    return _EPOCH + row[ADDED] * _MICROSECOND


def is_person(*people: str) -> str:
    r"""Write a filter for rows of some people; JSON's strings and lists are those of Milvus' filters.

    Example:
        >>> print(is_person('Ann "Bo"'))
        person in ["Ann \"Bo\""]
    """
    return f"{PERSON} in {json.dumps(people, ensure_ascii=False)}"
