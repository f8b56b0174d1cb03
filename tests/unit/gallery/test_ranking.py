import numpy as np
import pytest

from miais.gallery.ranking import nearest_people, search_people


def asked_of(people):
    """A database of points on a line, nearest first, and how many rows it was asked for."""
    asked = []

    def nearest_rows(wanted):
        asked.append(wanted)
        return np.arange(len(people), dtype=float)[:wanted, None], people[:wanted]

    return nearest_rows, asked


@pytest.mark.parametrize(
    ("most", "found", "expected"),
    [(1000, ["Ann", "Bo"], [24, 96, 384]), (200, ["Ann"], [24, 96, 200]), (10, ["Ann"], [10]), (0, [], [])],
)
def test_more_rows_are_asked_for_until_there_are_enough_people(most, found, expected):
    nearest_rows, asked = asked_of(["Ann"] * 250 + ["Bo"] * 100)
    matches = search_people(np.zeros(1), nearest_rows, most=most, top=2)
    assert [match.person for match in matches] == found
    assert asked == expected


def test_a_database_that_has_no_more_is_not_asked_again():
    nearest_rows, asked = asked_of(["Ann"] * 5)
    assert [match.person for match in search_people(np.zeros(1), nearest_rows, most=1000, top=2)] == ["Ann"]
    assert asked == [24]


def test_names_decide_between_equal_distances():
    vectors = np.array([[2.0], [1.0], [-1.0], [1.0]])
    assert [one.person for one in nearest_people(np.zeros(1), vectors, ["Di", "Cy", "Bo", "Al"], 2)] == ["Al", "Bo"]
