"""People, from what is known of each of their containers."""

from collections.abc import Iterable
from datetime import datetime

from miais.gallery.gallery import Person


def list_people(rows: Iterable[tuple[str, datetime]]) -> list[Person]:
    """Count the containers of each person.

    Args:
        rows: Name and time of enrolment of each container.

    Returns:
        People, by name.
    """
    times: dict[str, list[datetime]] = {}
    for name, added in rows:
        times.setdefault(name, []).append(added)
    return [Person(name, len(added), min(added)) for name, added in sorted(times.items())]
