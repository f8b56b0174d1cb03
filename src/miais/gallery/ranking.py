"""People in the order of their distance, from the embeddings that a database has found."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from miais.gallery.gallery import Match

Vectors: TypeAlias = NDArray[np.floating[Any]]


def search_people(
    probe: Vectors, nearest_rows: Callable[[int], tuple[Vectors, list[str]]], *, most: int, top: int
) -> list[Match]:
    """Ask a database for more rows than people, as one person may have several, until there are enough people.

    Args:
        probe: Shape (D,).
        nearest_rows: Finds so many rows: their embeddings, shape (R, D), and whose they are, R names.
        most: How many rows it may be asked for.
        top: How many people, at most.

    Returns:
        Different people, nearest first.
    """
    wanted = min(4 * top + 16, most)
    while wanted:
        embeddings, people = nearest_rows(wanted)
        if len(set(people)) >= top or len(people) < wanted or wanted == most:
            return nearest_people(probe, embeddings, people, top)
        wanted = min(4 * wanted, most)
    return []


def nearest_people(probe: Vectors, embeddings: Vectors, people: list[str], top: int) -> list[Match]:
    """Rank people by the nearest of their embeddings.

    Args:
        probe: Shape (D,).
        embeddings: Shape (R, D).
        people: Whose they are, R names.
        top: How many people, at most.

    Returns:
        Different people, nearest first; names decide between equal distances. In float64, so that all databases agree.

    Example:
        >>> vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
        >>> [match.person for match in nearest_people(np.array([0.0, 1.0]), vectors, ["Ann", "Bo", "Bo"], top=2)]
        ['Bo', 'Ann']
    """
    distances = np.linalg.norm(embeddings.astype(np.float64) - probe.astype(np.float64), axis=1)
    nearest: dict[str, float] = {}
    for row in np.argsort(distances, kind="stable"):
        nearest.setdefault(people[row], float(distances[row]))
        # One more than asked for, to notice where equal distances begin.
        if len(nearest) > top and distances[row] > sorted(nearest.values())[top - 1]:
            break
    order = sorted(nearest.items(), key=lambda item: (item[1], item[0]))
    return [Match(person, distance) for person, distance in order[:top]]
