"""Galleries as zip files, for another machine or another database: safetensors and JSON, nothing that runs."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from miais.gallery.folder import check_maker
from miais.gallery.gallery import Enrolment, Gallery, Maker

_FORMAT = 1
_BATCH = 1000


def export_gallery(gallery: Gallery, path: Path) -> int:
    """Write all enrolled containers to a new zip file.

    Returns:
        How many.

    Raises:
        FileExistsError: If the file is there already.
    """
    rows, vectors = [], []
    with zipfile.ZipFile(path, "x") as archive:
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


def import_gallery(gallery: Gallery, path: Path) -> int:
    """Add the containers of an exported gallery.

    Returns:
        How many.

    Raises:
        OtherMakerError: If another system or key made their embeddings; nothing is added then.
        ValueError: If the file is no exported gallery.
    """
    with _opened(path) as archive:
        content = _content(archive)
        check_maker(str(path), Maker(**content["maker"]), gallery.maker)
        rows = list(_read(archive, content["containers"]))
    for start in range(0, len(rows), _BATCH):
        gallery.enrol(rows[start : start + _BATCH])
    return len(rows)


def maker_in(path: Path) -> Maker:
    """Say what made an exported gallery.

    Raises:
        ValueError: If the file is no exported gallery.
    """
    with _opened(path) as archive:
        return Maker(**_content(archive)["maker"])


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, KeyError, TypeError, json.JSONDecodeError, SafetensorError) as error:
        raise ValueError(f"{path}: expected a gallery written by `miais gallery export`: {error!r}") from error


def _content(archive: zipfile.ZipFile) -> dict[str, Any]:
    content = json.loads(archive.read("gallery.json"))
    if content["format"] != _FORMAT:
        raise ValueError(f"{archive.filename}: format {_FORMAT} is expected, not {content['format']!r}")
    return dict(content)


def _read(archive: zipfile.ZipFile, rows: list[dict[str, object]]) -> Iterator[Enrolment]:
    vectors = load(archive.read("embeddings.safetensors"))["embeddings"]
    for number, (row, vector) in enumerate(zip(rows, vectors, strict=True)):
        small = archive.read(f"thumbnails/{number:07d}.png") if row["thumbnail"] else None
        yield Enrolment(str(row["person"]), vector.clone(), small, datetime.fromisoformat(str(row["added"])))
