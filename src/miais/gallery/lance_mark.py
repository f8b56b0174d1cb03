"""A file that says that the database's files may hold somebody whom no gallery lists; it does not say whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UnfinishedMark:
    """There while something is written, so that what a killed process has left is deleted by the next one.

    Args:
        folder: Of the gallery.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "unfinished"

    @property
    def left(self) -> bool:
        """Whether something was begun and not ended."""
        return self._path.exists()

    def set(self) -> None:
        """Say that something is begun."""
        self._path.touch()

    def clear(self) -> None:
        """Say that nothing is left."""
        self._path.unlink(missing_ok=True)

    @contextmanager
    def around(self) -> Iterator[None]:
        """Set it, and clear it if no error comes; what earlier errors have left stays marked."""
        left = self.left
        self.set()
        yield
        if not left:
            self.clear()
