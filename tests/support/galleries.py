"""People of a gallery, made up."""

from datetime import UTC, datetime, timedelta

import torch

from miais.gallery.gallery import Enrolment, Maker

D = 16
MAKER = Maker("tiny", "a" * 64, None, D)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def vectors(count, seed=0):
    """Random unit vectors."""
    drawn = torch.randn(count, D, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(drawn)


def enrolment(person, vector, minute=0, thumbnail=None):
    """A container, enrolled some minutes after noon."""
    return Enrolment(person, vector, thumbnail, NOON + timedelta(minutes=minute))


def contents(folder):
    """All bytes of a folder, and the names of its files."""
    return b"".join(str(path).encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file())
