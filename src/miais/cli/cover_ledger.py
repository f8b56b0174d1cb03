"""Which covers of a folder have been used: nobody who gets two containers of one cover may compare them."""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from miais.card import sha256_of
from miais.cli.output import json_line

LEDGER = "used-covers.jsonl"


class CoverLedger:
    """The used covers of a folder, by their content: a copy under another name counts as the same.

    Args:
        folder: Of the covers; gets `used-covers.jsonl`, which is only ever added to.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LEDGER

    def used(self) -> set[str]:
        """Return the SHA-256 of the covers that are used up."""
        return {str(entry["sha256"]) for entry in self._entries() if "sha256" in entry}

    def unused(self, covers: Iterable[Path]) -> Iterator[Path]:
        """Yield those covers that are not used up, in their order."""
        used = self.used()
        return (cover for cover in covers if sha256_of(cover) not in used)

    def claim(self, cover: Path, container: Path) -> bool:
        """Write down that a container takes a cover.

        Returns:
            False if another one has taken it meanwhile.

        Raises:
            OSError: If the ledger cannot be written.
        """
        digest = sha256_of(cover)
        with FileLock(self.path.with_name(f".{LEDGER}.lock")):
            if digest in self.used():
                return False
            now = datetime.now(UTC).isoformat(timespec="seconds")
            entry = {"cover": cover.name, "sha256": digest, "container": str(container), "date": now}
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{json_line(entry)}\n")
                file.flush()
                os.fsync(file.fileno())
        return True

    def _entries(self) -> list[dict[str, object]]:
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [self._entry(number, line) for number, line in enumerate(lines, start=1)]

    def _entry(self, number: int, line: str) -> dict[str, object]:
        try:
            return dict(json.loads(line))
        except (ValueError, TypeError):  # left out, a cover would be used twice
            raise ValueError(f"{self.path}, line {number}: damaged; mend or remove that line") from None
