"""What `miais enroll` warns of: one person under two names."""

from miais.gallery.duplicates import SAME
from miais.gallery.gallery import Enrolment, Gallery

_MOST_COMPARED = 100_000  # people; listing more takes longer than a hint is worth


class Namesakes:
    """Notices names and containers that are those of somebody else.

    Args:
        gallery: Where people are enrolled.
    """

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        few = len(gallery) <= _MOST_COMPARED
        self._names = {one.name for one in gallery.people()} if few else set()
        self._folded = {name.casefold(): name for name in self._names}

    def notes_on(self, one: Enrolment) -> list[str]:
        """Say what is odd about a container that will be enrolled; each name is said once."""
        notes, name = [], one.person
        other = self._folded.setdefault(name.casefold(), name)
        if name not in self._names and other != name:
            notes.append(f"{name!r} is enrolled as somebody new beside {other!r}; if they are one person, forget one")
        self._names.add(name)
        nearest = self._gallery.search(one.embedding[None], 2)[0]
        others = [match.person for match in nearest if match.person != name and match.distance <= SAME]
        return notes + [f"the same container is enrolled as {person!r} too" for person in others]
