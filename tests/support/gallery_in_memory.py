"""A gallery without a database."""

import torch

from miais.gallery.gallery import Match, Person, UnknownPersonError


class GalleryInMemory:
    def __init__(self, maker):
        self.maker, self._rows = maker, []

    def __len__(self):
        return len({row.person for row in self._rows})

    def enrol(self, enrolments):
        self._rows += enrolments

    def forget(self, person):
        kept = [row for row in self._rows if row.person != person]
        removed = len(self._rows) - len(kept)
        if not removed:
            raise UnknownPersonError(f"nobody is called {person!r}")
        self._rows = kept
        return removed

    def search(self, probes, top):
        if not self._rows:
            return [[] for _ in probes]
        distances = torch.cdist(probes, torch.stack([row.embedding for row in self._rows]))
        answers = []
        for row in distances:
            best = {}
            for enrolment, distance in zip(self._rows, row.tolist(), strict=True):
                best[enrolment.person] = min(distance, best.get(enrolment.person, 9))
            nearest = sorted(best.items(), key=lambda item: item[1])[:top]
            answers.append([Match(person, distance) for person, distance in nearest])
        return answers

    def people(self):
        names = sorted({row.person for row in self._rows})
        by = {name: [row for row in self._rows if row.person == name] for name in names}
        return [Person(name, len(rows), min(row.added for row in rows)) for name, rows in by.items()]

    def enrolments(self, person=None):
        yield from (row for row in self._rows if person in (None, row.person))

    def close(self):
        pass
