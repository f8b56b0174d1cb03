"""Galleries as zip files, for another machine or another database: safetensors and JSON, nothing that runs."""

import json
import os
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import torch
from safetensors.torch import save

from miais.gallery.export_file import FORMAT, LIST, VECTORS, enrolments_of, maker_of, opened_export, small_picture
from miais.gallery.gallery import Gallery, Maker
from miais.gallery.makers import check_maker


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        added: Containers that were added.
        there: Containers that were there already.
    """

    added: int
    there: int


def export_gallery(gallery: Gallery, path: Path) -> int:
    """Write all enrolled containers to a new zip file that only its owner reads, in full or not at all.

    Returns:
        How many.

    Raises:
        FileExistsError: If the file is there already.
    """
    if path.exists():
        raise FileExistsError(f"{path}: there is a file already; choose another name or remove it")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            count = _write(gallery, file)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return count


def import_gallery(gallery: Gallery, path: Path) -> Imported:
    """Add the containers of an exported gallery that are not there yet.

    Raises:
        OtherMakerError: If another system or key made their embeddings; nothing is added then.
        FileNotFoundError, ValueError: As `opened_export`, or as `Gallery.enrol`.
    """
    check_maker(str(path), maker_in(path), gallery.maker)
    with opened_export(path) as archive:
        rows = list(enrolments_of(archive))
    added = gallery.enrol(rows)
    return Imported(added, len(rows) - added)


def maker_in(path: Path) -> Maker:
    """Say what made an exported gallery.

    Raises:
        FileNotFoundError, ValueError: As `opened_export`.
    """
    with opened_export(path) as archive:
        return maker_of(archive)


def _write(gallery: Gallery, file: BinaryIO) -> int:
    rows, vectors = [], []
    with zipfile.ZipFile(file, "w") as archive:
        for number, one in enumerate(gallery.enrolments()):
            vectors.append(one.embedding)
            kept = one.thumbnail is not None
            rows.append({"person": one.person, "added": one.added.isoformat(), "thumbnail": kept})
            if one.thumbnail is not None:
                archive.writestr(small_picture(number), one.thumbnail)
        matrix = torch.stack(vectors) if vectors else torch.zeros(0, gallery.maker.dimension)
        archive.writestr(VECTORS, save({"embeddings": matrix}))
        content = {"format": FORMAT, "maker": asdict(gallery.maker), "containers": rows}
        archive.writestr(LIST, json.dumps(content))
    return len(rows)
