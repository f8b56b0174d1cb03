"""A gallery's folder: what made its embeddings, and who is using it."""

import os
import socket
from pathlib import Path

from filelock import FileLock, Timeout

from miais.gallery.gallery import Maker
from miais.gallery.makers import check_maker, maker_as_json, maker_from_json
from miais.gallery.new_place import make_place

_MAKER, _LOCK, _HOLDER = "maker.json", "gallery.lock", "gallery.holder"
_UNFINISHED = f".{_MAKER}.tmp"


class GalleryInUseError(OSError):
    """Another process has the gallery open."""


class GalleryFolder:
    """A folder that one process at a time has open.

    Args:
        path: Of the folder.
        maker: What makes the embeddings; None for whatever the folder says.
        create: Whether to make the folder if there is none.

    Raises:
        FileNotFoundError: If there is no gallery and none is to be made, or no folder to make it in.
        GalleryInUseError: If another process has it open; the text says which.
        OtherMakerError: As `check_maker`.
        ValueError: If the folder holds something else.
    """

    def __init__(self, path: Path, maker: Maker | None, *, create: bool) -> None:
        self.path = path
        if not (path / _MAKER).is_file():
            self._check_place(create and maker is not None)
        make_place(path)
        self._lock = FileLock(path / _LOCK, timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise GalleryInUseError(
                f"{path}: {_holder(path)} has this gallery open; wait for it, stop it, or ask it through its service"
            ) from error
        try:
            (path / _HOLDER).write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
            # Asked again: whoever had the lock until now may have made the gallery.
            if maker is not None and not (path / _MAKER).is_file():
                _write_maker(path, maker)
            self.maker = _read_maker(path)
            check_maker(str(path), self.maker, maker)
        except (OSError, ValueError):
            self._lock.release()
            raise

    def close(self) -> None:
        """Let others open it."""
        self._lock.release()

    def _check_place(self, may_make: bool) -> None:
        if not may_make:
            raise FileNotFoundError(f"{self.path}: no gallery is there; `miais enroll` makes one")
        # What a process leaves that was killed while it made a gallery is no reason to refuse.
        if self.path.exists() and {item.name for item in self.path.iterdir()} - {_LOCK, _HOLDER, _UNFINISHED}:
            raise ValueError(
                f"{self.path}: expected a gallery or a new folder, got a folder with other files; choose another"
            )


def _write_maker(folder: Path, maker: Maker) -> None:
    """Write `maker.json`, in full or not at all."""
    temporary = folder / _UNFINISHED
    temporary.write_text(maker_as_json(maker), encoding="utf-8")
    os.replace(temporary, folder / _MAKER)


def _read_maker(folder: Path) -> Maker:
    path = folder / _MAKER
    try:
        return maker_from_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _holder(path: Path) -> str:
    try:
        return (path / _HOLDER).read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"
