"""Who asked what about whom: a line of JSON for each request, on disk before the answer leaves.

A request that changes the gallery has two lines: one before, whose status is "begun", and one after. Where the second
is missing the process was killed in between, and the change may have been made.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Final, Literal

BEGUN: Final = "begun"


@dataclass(frozen=True)
class AuditEntry:
    """One request.

    Attributes:
        time: UTC, ISO 8601.
        request: Its number, as in the log and in the answer's X-Request-ID.
        caller: Name of the access key, or "local".
        verb: What was asked.
        about: The people that the question or the answer names.
        status: HTTP status of the answer; "begun" before something is changed.
    """

    time: str
    request: str
    caller: str
    verb: str
    about: Sequence[str]
    status: int | Literal["begun"]


class AuditLog:
    """A file that is only ever appended to.

    Args:
        path: Made if missing, readable by its owner alone.

    Raises:
        OSError: If it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise OSError(
                f"{path}: the audit log cannot be opened ({error.strerror}); name a file in a folder that is there and "
                "that can be written to"
            ) from error
        self._lock = Lock()
        size = os.fstat(self._descriptor).st_size
        self._torn = size > 0 and os.pread(self._descriptor, 1, size - 1) != b"\n"

    def write(self, entry: AuditEntry) -> None:
        """Append an entry and wait until it is on disk.

        Raises:
            OSError: If it is not.
        """
        line = (json.dumps(asdict(entry), ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
        with self._lock:
            if self._torn:  # half an entry is there already, and would make this one unreadable
                line = b"\n" + line
            written = os.write(self._descriptor, line)
            self._torn = written != len(line)
            if self._torn:
                raise OSError(f"only {written} of {len(line)} bytes of an audit entry could be written; check the disk")
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Let the file go; once is enough."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
