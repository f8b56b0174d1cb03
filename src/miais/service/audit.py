"""Who asked what about whom: a line of JSON for each request, on disk before the answer leaves."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock


@dataclass(frozen=True)
class AuditEntry:
    """One request.

    Attributes:
        time: UTC, ISO 8601.
        request: Its number, as in the log and in the answer's X-Request-ID.
        caller: Name of the access key, or "local".
        verb: What was asked.
        about: The people that the question or the answer names.
        status: HTTP status of the answer.
    """

    time: str
    request: str
    caller: str
    verb: str
    about: Sequence[str]
    status: int


class AuditLog:
    """A file that is only ever appended to.

    Args:
        path: Made if missing, readable by its owner alone.

    Raises:
        OSError: If it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._lock = Lock()

    def write(self, entry: AuditEntry) -> None:
        """Append an entry and wait until it is on disk.

        Raises:
            OSError: If it is not.
        """
        line = (json.dumps(asdict(entry), ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
        with self._lock:
            written = os.write(self._descriptor, line)
            if written != len(line):
                raise OSError(f"only {written} of {len(line)} bytes of an audit entry could be written; check the disk")
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Let the file go."""
        os.close(self._descriptor)
