"""People in the order of their distance, from the embeddings that a database has found."""

import numpy as np
from numpy.typing import NDArray

from miais.gallery.gallery import Match


def nearest_people(
    probe: NDArray[np.floating], embeddings: NDArray[np.floating], people: list[str], top: int
) -> list[Match]:
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
