"""Several processes, or machines with one file system, that compute one folder together: each takes what no other has.

The operating system takes back what a killed process has held. Nothing is waited for here: whoever finds something
taken goes on with something else, and comes back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class TakenElsewhereError(Exception):
    """Another process is making what is needed."""


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Keep others away from what is made at a path, which need not be there yet.

    Args:
        path: Of a file or folder; its folder gets a lock file of that name.

    Raises:
        TakenElsewhereError: If another process is making it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0).acquire()
    except Timeout:
        raise TakenElsewhereError(path) from None
    with lock:
        yield
