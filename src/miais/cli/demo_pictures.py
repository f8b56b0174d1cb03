"""The demo's pictures, as files: covers, a face, other views of the same person, and faces of other people.

All come with installed packages. Only one photograph of the astronaut is bundled, so her other views are made from it.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from miais.image import read_image, resize, write_png

FACE_SIZE = 168
# 512x512, 451x300, 600x400 and 640x427 px.
COVERS = ("camera.png", "chelsea.png", "coffee.png", "rocket.jpg")
# Among the hundred faces of scikit-image's LFW subset, seven that are well lit and look ahead.
OTHER_FACES = (52, 18, 46, 91, 93, 37, 25)


@dataclass(frozen=True)
class Face:
    """A face to hide.

    Attributes:
        path: Its file.
        what: How it was made, for the reader of the report.
        same: Whether it shows the same person as the demo's secret.
    """

    path: Path
    what: str
    same: bool


def write_covers(folder: Path) -> list[Path]:
    """Write the cover photographs as PNG.

    Raises:
        ModuleNotFoundError: If scikit-image is not installed.
    """
    sources = [_bundled("skimage", "data", name) for name in COVERS]
    return [_save(read_image(source), folder / f"{source.stem}.png") for source in sources]


def write_faces(folder: Path) -> tuple[Path, list[Face]]:
    """Write the secret and the faces that it is compared with, cut like the faces of LFW.

    Returns:
        The secret's file, and other views of the same person followed by other people.

    Raises:
        ModuleNotFoundError: If scikit-image or matplotlib is not installed.
    """
    astronaut = read_image(_bundled("skimage", "data", "astronaut.png"))
    secret = _save(_square(astronaut, 117, 224, 168), folder / "secret.png")
    faces = []
    for number, (what, view) in enumerate(_other_views(astronaut).items(), start=1):
        faces.append(Face(_save(view, folder / f"same-{number}.png"), what, same=True))
    for number, (what, face) in enumerate(_other_people().items(), start=1):
        faces.append(Face(_save(face, folder / f"other-{number}.png"), what, same=False))
    return secret, faces


def _other_views(astronaut: Tensor) -> dict[str, Tensor]:
    """Cut and light the one photograph anew: no view has the secret's pixels, yet they are no other photographs."""
    light_from_left = torch.linspace(1.15, 0.55, FACE_SIZE)
    soft = resize(_square(astronaut, 121, 220, 172), (FACE_SIZE // 2, FACE_SIZE // 2))
    return {
        "closer": _square(astronaut, 118, 222, 148),
        "wider, off centre": _square(astronaut, 122, 231, 192),
        "mirrored": _square(astronaut, 115, 226, 160).flip(-1),
        "shifted, darker": _square(astronaut, 113, 219, 164) ** 1.7,
        "shifted, brighter": _square(astronaut, 120, 229, 176) ** 0.65,
        "lit from the left": _square(astronaut, 116, 221, 158) * light_from_left,
        "low contrast, slightly blurred": 0.2 + 0.6 * resize(soft, (FACE_SIZE, FACE_SIZE)),
    }


def _other_people() -> dict[str, Tensor]:
    hopper = read_image(_bundled("matplotlib", "mpl-data", "sample_data", "grace_hopper.jpg"))
    people = {"Grace Hopper, colour photograph": _square(hopper, 218, 263, 320)}
    small = torch.from_numpy(np.load(_bundled("skimage", "data", "lfw_subset.npy"))[list(OTHER_FACES)]).float()
    # These are cut closer than LFW's faces: a margin brings the eyes to the same place.
    framed = F.pad(small[:, None], (7, 7, 7, 7), mode="replicate").expand(-1, 3, -1, -1)
    for number, face in zip(OTHER_FACES, framed, strict=True):
        people[f"face {number} of the LFW subset, 25x25 px grey, enlarged"] = resize(face, (FACE_SIZE, FACE_SIZE))
    return people


def _square(photograph: Tensor, row: int, column: int, side: int) -> Tensor:
    """Cut a square around a point and bring it to the faces' size."""
    top, left = row - side // 2, column - side // 2
    return resize(photograph[:, top : top + side, left : left + side], (FACE_SIZE, FACE_SIZE))


def _save(picture: Tensor, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, picture.clamp(0, 1))
    return path


def _bundled(package: str, *parts: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(
            "the demo's pictures come with scikit-image and matplotlib; run: pip install 'miais[report]'"
        )
    return Path(found.submodule_search_locations[0]).joinpath(*parts)
