"""Containers that are enrolled already."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from miais.gallery.gallery import Enrolment

SAME = 1e-5
"""Distance up to which two embeddings are of one container.

Of one container they differ by 2e-7 with the batch it was embedded in; of one face in two covers by some hundredths
(`lfw-single`).
"""


def new_among(enrolments: Sequence[Enrolment], there: Iterable[tuple[str, NDArray[Any]]]) -> list[Enrolment]:
    """Leave out containers that are enrolled for their person already, or come a second time.

    Args:
        enrolments: What is to be enrolled.
        there: Name and embedding of what is enrolled; others than the people of `enrolments` do no harm.
    """
    # By the first coordinate, so that each is compared with the few that may be the same.
    cells: dict[tuple[str, int], list[NDArray[Any]]] = {}
    for person, vector in there:
        cells.setdefault((person, _cell(vector)), []).append(vector)
    new = []
    for one in enrolments:
        vector = one.embedding.numpy()
        cell = _cell(vector)
        near = [other for step in (-1, 0, 1) for other in cells.get((one.person, cell + step), ())]
        if any(np.linalg.norm(vector - other) <= SAME for other in near):
            continue
        cells.setdefault((one.person, cell), []).append(vector)
        new.append(one)
    return new


def _cell(vector: NDArray[Any]) -> int:
    return math.floor(float(vector[0]) / SAME)
