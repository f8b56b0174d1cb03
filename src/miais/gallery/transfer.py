"""Galleries as zip files, for another machine or another database: safetensors and JSON, nothing that runs."""

import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from miais.gallery.gallery import Enrolment, Gallery, Maker
from miais.gallery.makers import check_maker

_FORMAT = 1
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


def export_gallery(gallery: Gallery, path: Path) -> int:
    """Write all enrolled containers to a new zip file, in full or not at all.

    Returns:
        How many.

    Raises:
        FileExistsError: If the file is there already.
    """
    if path.exists():
        raise FileExistsError(f"{path}: there is a file already; choose another name or remove it")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        count = _write(gallery, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return count


def import_gallery(gallery: Gallery, path: Path) -> int:
    """Add the containers of an exported gallery that are not there yet.

    Returns:
        How many.

    Raises:
        OtherMakerError: If another system or key made their embeddings; nothing is added then.
        ValueError: If the file is no exported gallery.
    """
    check_maker(str(path), maker_in(path), gallery.maker)
    with _opened(path) as archive:
        rows = list(_read(archive, _content(archive)["containers"]))
    both = {row.person for row in rows} & {one.name for one in gallery.people()}
    there = {_fingerprint(one) for one in gallery.enrolments()} if both else set()
    new = [row for row in rows if _fingerprint(row) not in there]
    gallery.enrol(new)
    return len(new)


def maker_in(path: Path) -> Maker:
    """Say what made an exported gallery.

    Raises:
        ValueError: If the file is no exported gallery.
    """
    with _opened(path) as archive:
        return Maker(**_content(archive)["maker"])


def _write(gallery: Gallery, path: Path) -> int:
    rows, vectors = [], []
    with zipfile.ZipFile(path, "w") as archive:
        for number, one in enumerate(gallery.enrolments()):
            vectors.append(one.embedding)
            kept = one.thumbnail is not None
            rows.append({"person": one.person, "added": one.added.isoformat(), "thumbnail": kept})
            if one.thumbnail is not None:
                archive.writestr(f"thumbnails/{number:07d}.png", one.thumbnail)
        matrix = torch.stack(vectors) if vectors else torch.zeros(0, gallery.maker.dimension)
        archive.writestr("embeddings.safetensors", save({"embeddings": matrix}))
        content = {"format": _FORMAT, "maker": asdict(gallery.maker), "containers": rows}
        archive.writestr("gallery.json", json.dumps(content))
    return len(rows)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _NO_EXPORT as error:
        raise ValueError(f"{path}: expected a gallery written by `miais gallery export`: {error!r}") from error


def _content(archive: zipfile.ZipFile) -> dict[str, Any]:
    content = json.loads(archive.read("gallery.json"))
    if content["format"] != _FORMAT:
        raise ValueError(f"format {_FORMAT} is expected, not {content['format']!r}")
    return dict(content)


def _read(archive: zipfile.ZipFile, rows: list[dict[str, object]]) -> Iterator[Enrolment]:
    vectors = load(archive.read("embeddings.safetensors"))["embeddings"]
    for number, (row, vector) in enumerate(zip(rows, vectors, strict=True)):
        small = archive.read(f"thumbnails/{number:07d}.png") if row["thumbnail"] else None
        yield Enrolment(str(row["person"]), vector.clone(), small, datetime.fromisoformat(str(row["added"])))


def _fingerprint(one: Enrolment) -> tuple[str, bytes, datetime]:
    return one.person, one.embedding.numpy().tobytes(), one.added
