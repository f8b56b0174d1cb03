"""The service's log: a line of JSON for each event on stderr, without pictures, names of files, or names of people."""

import json
import logging
import sys
from datetime import UTC, datetime

_OWN = ("request", "caller", "verb", "status", "seconds", "received_bytes")


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record: time, level, what happened and, of a request, which and how it ended."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in _OWN if hasattr(record, name)})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send the log of this process to stderr, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Every answer has a line of ours; theirs would show the names of people in paths, and parts of broken bodies.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # its errors show what was asked, and so names of people
