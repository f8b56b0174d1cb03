"""The zip file of an exported gallery: what is read of it, and how much of that at most."""

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load

from miais.gallery.gallery import Enrolment, Maker

LIST, VECTORS = "gallery.json", "embeddings.safetensors"
FORMAT = 1
_INFLATED = 4  # times the file's size; vectors and PNGs do not shrink when somebody packs them again
_HEADER = 1_024  # bytes of a safetensors file beside the numbers
_READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What a file that is something else, or damaged, may end in.
_NO_EXPORT = (
    zipfile.BadZipFile,
    zlib.error,
    SafetensorError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
)


class _RefusedError(ValueError):
    """What is wrong with it, in words."""


def small_picture(number: int) -> str:
    """Name the thumbnail of a container in the file."""
    return f"thumbnails/{number:07d}.png"


@contextmanager
def opened_export(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an exported gallery.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is something else, or what is done with it shows that it is damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive, path.stat().st_size)
            yield archive
    except _NO_EXPORT as error:
        reason = str(error) if isinstance(error, _RefusedError) else "it is something else, or damaged"
        raise ValueError(f"{path}: expected a gallery written by `miais gallery export`: {reason}") from error


def maker_of(archive: zipfile.ZipFile) -> Maker:
    """Say what made the embeddings."""
    return Maker(**_content(archive)["maker"])


def enrolments_of(archive: zipfile.ZipFile) -> Iterator[Enrolment]:
    """Read the containers."""
    content = _content(archive)
    rows, dimension = content["containers"], Maker(**content["maker"]).dimension
    if archive.getinfo(VECTORS).file_size > 4 * len(rows) * dimension + _HEADER:
        raise _RefusedError(f"{VECTORS} holds more than the {len(rows)} containers of {LIST}")
    vectors = load(_read(archive, VECTORS))["embeddings"]
    for number, (row, vector) in enumerate(zip(rows, vectors, strict=True)):
        small = _read(archive, small_picture(number)) if row["thumbnail"] else None
        yield Enrolment(str(row["person"]), vector.clone(), small, datetime.fromisoformat(str(row["added"])))


def _check_sizes(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse what would take more memory than a gallery in a file of this size."""
    if any(item.compress_type not in _READ for item in archive.infolist()):
        raise _RefusedError("it is packed in another way; pack it with deflate, or not at all")
    unpacked = sum(item.file_size for item in archive.infolist())
    if unpacked > _INFLATED * size:
        raise _RefusedError(f"unpacked it would take {unpacked} bytes, too many for a file of {size}")


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    item = archive.getinfo(name)
    with archive.open(item) as file:
        return file.read(item.file_size)  # read() would unpack up to 2 GiB, whatever size the archive's list tells


def _content(archive: zipfile.ZipFile) -> dict[str, Any]:
    content = json.loads(_read(archive, LIST))
    if content["format"] != FORMAT:
        raise _RefusedError(f"format {FORMAT} is expected, not {content['format']!r}")
    return dict(content)
