"""What `--crop-face` and `--face-detector` ask for, and the photographs cut to a face."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from miais.framing import CascadeFinder, FaceFinder, Framed, NoFaceError, YuNetFinder, frame_face
from miais.framing.fetch_model import fetch_model
from miais.image import read_image

_MARK = "#sha256="


def finder_of(crop_face: bool, detector: str | None) -> FaceFinder | None:
    """Return what finds faces; None where pictures are taken whole.

    Args:
        crop_face: Whether to look for faces.
        detector: Path of a YuNet file, or a URL that ends in `#sha256=` and the file's hash; None for the cascade.

    Raises:
        typer.BadParameter: If there is a detector and no face is looked for, or a URL without a hash.
        ModuleNotFoundError: If the extra for it is not installed.
        ValueError, OSError: If the file cannot be had or is no YuNet.
    """
    if not crop_face:
        if detector is not None:
            raise typer.BadParameter("nothing looks for a face; add --crop-face", param_hint="--face-detector")
        return None
    if detector is None:
        return CascadeFinder()
    if "://" not in detector:
        return YuNetFinder(Path(detector))
    url, mark, sha256 = detector.partition(_MARK)
    if not mark:
        raise typer.BadParameter(
            f"a file from the network is used only with its hash; add {_MARK}HASH to the URL",
            param_hint="--face-detector",
        )
    return YuNetFinder(fetch_model(url, sha256, Path(typer.get_app_dir("miais")) / "face-detectors"))


def framed_picture(path: Path, finder: FaceFinder) -> Framed:
    """Read a photograph and cut it to its largest face.

    Raises:
        FileNotFoundError, ImageError: As `read_image`.
        NoFaceError: If there is no face; the text names the file.
    """
    image = read_image(path)
    try:
        return frame_face(image, finder)
    except NoFaceError as error:
        raise NoFaceError(f"{path}: {error}") from error


def face_facts(framed: Framed) -> dict[str, Any]:
    """Return what a record says of a face: `face`, its left, top, width and height, and `faces`, how many there are."""
    return {"face": [round(value) for value in framed.box], "faces": 1 + framed.others}


def note_of_faces(record: Mapping[str, Any]) -> str | None:
    """Say that one face was taken out of several; None if a record does not tell of several."""
    faces = record.get("faces")
    if faces is None or faces < 2:
        return None
    return f"{faces} faces found; the largest, {place_of_face(record['face'])}, is taken"


def place_of_face(face: list[int]) -> str:
    """Say where a face is.

    Example:
        >>> place_of_face([170, 64, 100, 100])
        '100x100 at (170, 64)'
    """
    left, top, width, height = face
    return f"{width}x{height} at ({left}, {top})"
