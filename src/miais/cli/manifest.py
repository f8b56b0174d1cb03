"""What is in a folder of containers: one line of JSON for each secret, safe against being killed at any time."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from miais.cli.output import json_line


def read_manifest(path: Path) -> list[dict[str, Any]]:
    """Read the entries; none if there is no manifest.

    A line that is no entry, as the last one of a killed run may be, is left out: its secret is hidden again.
    """
    if not path.exists():
        return []
    entries = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):  # no JSON; or numbers, or a nesting, beyond Python's limits
            continue
        if _is_entry(entry):
            entries.append(entry)
    return entries


def _is_entry(value: object) -> bool:
    """Whether this is an object with what is read again: the container's name, the number of the table, and faces."""
    if not isinstance(value, dict):
        return False
    container, decibels = value.get("container"), value.get("psnr_db")
    face, faces = value.get("face", [0, 0, 0, 0]), value.get("faces")
    return (
        isinstance(container, str | None)
        and isinstance(decibels, int | float | None)
        and isinstance(faces, int | None)
        and isinstance(face, list)
        and len(face) == 4
    )


def write_manifest(path: Path, entries: Iterable[Mapping[str, object]]) -> None:
    """Replace all entries at once: at every moment the old or the new manifest is there in full."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    _write(temporary, "w", entries)
    os.replace(temporary, path)


def append_to_manifest(path: Path, entry: Mapping[str, object]) -> None:
    """Add one entry and force it to disk."""
    _write(path, "a", [entry])


def _write(path: Path, mode: str, entries: Iterable[Mapping[str, object]]) -> None:
    with path.open(mode, encoding="utf-8") as file:
        file.writelines(f"{json_line(entry)}\n" for entry in entries)
        file.flush()
        os.fsync(file.fileno())
