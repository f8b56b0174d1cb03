"""A gallery's folder: what made its embeddings, and who is using it."""

import json
import os
import socket
from dataclasses import asdict, fields
from pathlib import Path

from filelock import FileLock, Timeout

from miais.gallery.gallery import Maker

MAKER_FILE, LOCK_FILE, HOLDER_FILE = "maker.json", "gallery.lock", "gallery.holder"
FORMAT = 1


class OtherMakerError(ValueError):
    """Embeddings of two makers would be compared."""


class GalleryInUseError(OSError):
    """Another process has the gallery open."""


def check_maker(where: str, kept: Maker, wanted: Maker | None) -> None:
    """Refuse embeddings that say nothing about each other.

    Args:
        where: What to call the gallery.
        kept: What made its embeddings.
        wanted: What makes those that come; None if none come.

    Raises:
        OtherMakerError: If the system's weights, the key or the dimension differ; the text says which.
    """
    if wanted is None:
        return
    labels = {"system_hash": "weights of the system", "key_fingerprint": "key", "dimension": "dimension"}
    for name, label in labels.items():
        old, new = getattr(kept, name), getattr(wanted, name)
        if old != new:
            raise OtherMakerError(
                f"{where}: made with another {label} ({kept.system}: {_short(old)}, now {wanted.system}: "
                f"{_short(new)}); use the system and key that it was made with, or enrol into a new gallery"
            )


class GalleryFolder:
    """A folder that one process at a time has open.

    Args:
        path: Of the folder.
        maker: What makes the embeddings; None for whatever the folder says.
        create: Whether to make the folder if there is none.

    Raises:
        FileNotFoundError: If there is no gallery and none is to be made.
        GalleryInUseError: If another process has it open; the text says which.
        OtherMakerError: As `check_maker`.
        ValueError: If the folder holds something else.
    """

    def __init__(self, path: Path, maker: Maker | None, *, create: bool) -> None:
        self.path = path
        make = not (path / MAKER_FILE).is_file()
        if make and (not create or maker is None):
            raise FileNotFoundError(f"{path}: no gallery is there; `miais enroll` makes one")
        if make and path.exists() and {item.name for item in path.iterdir()} - {LOCK_FILE, HOLDER_FILE}:
            raise ValueError(
                f"{path}: expected a gallery or a new folder, got a folder with other files; choose another"
            )
        path.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(path / LOCK_FILE, timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise GalleryInUseError(
                f"{path}: {_holder(path)} has this gallery open; wait for it, stop it, or ask it through its service"
            ) from error
        try:
            (path / HOLDER_FILE).write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
            if make and maker is not None:
                write_maker(path, maker)
            self.maker = read_maker(path)
            check_maker(str(path), self.maker, maker)
        except (OSError, ValueError):
            self._lock.release()
            raise

    def close(self) -> None:
        """Let others open it."""
        self._lock.release()


def write_maker(folder: Path, maker: Maker) -> None:
    """Write `maker.json`, in full or not at all."""
    temporary = folder / f".{MAKER_FILE}.tmp"
    temporary.write_text(json.dumps({"format": FORMAT, **asdict(maker)}, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, folder / MAKER_FILE)


def read_maker(folder: Path) -> Maker:
    """Read `maker.json`.

    Raises:
        ValueError: If it is not one that this version understands.
    """
    path = folder / MAKER_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {FORMAT} is expected, not {content['format']!r}")
        maker = Maker(**{field.name: content[field.name] for field in fields(Maker)})
        if not isinstance(maker.dimension, int) or maker.dimension < 1:
            raise ValueError(f"expected a positive dimension, got {maker.dimension!r}")
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: this version of miais cannot read the gallery: {error!r}") from error
    return maker


def _holder(path: Path) -> str:
    try:
        return (path / HOLDER_FILE).read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"


def _short(value: object) -> str:
    return "public key" if value is None else str(value)[:16]
