"""Small picture folders and archives for tests."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image


def picture_bytes(seed: int, size: tuple[int, int] = (12, 10), file_format: str = "PNG") -> bytes:
    """Encode a random picture of (height, width)."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, file_format)
    return buffer.getvalue()


def write_folder(root: Path, names: Iterable[str]) -> Path:
    """Write a different PNG under each name; the number of the name is its seed."""
    for seed, name in enumerate(names):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture_bytes(seed))
    return root


def write_zip(path: Path, members: Iterable[str] | Mapping[str, bytes]) -> Path:
    """Write a zip archive with a different PNG under each name, or with the given bytes."""
    if not isinstance(members, Mapping):
        members = {name: picture_bytes(seed) for seed, name in enumerate(members)}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path
