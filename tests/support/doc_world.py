"""What the documentation's code blocks name: pictures, sets, systems, and what a training leaves."""

import csv
import shutil
from pathlib import Path

import numpy as np
from PIL import Image
from support.people_world import COVERS, SECRETS, write_people_world
from support.systems import tiny_lattice, tiny_system

PICTURES = ("face.jpg", "other.jpg", "holiday.jpg", "monday.jpg", "tuesday.jpg")
FOLDERS = {"faces": ("ada.jpg", "bob.jpg"), "photographs": ("lake.jpg", "hill.jpg", "road.jpg")}
COVER_SETS = ("covers-imagenet400", "covers-textures100")


def write_doc_world(folder: Path) -> None:
    """Write the sets of the protocol under their names, and the pictures.

    Args:
        folder: Gets `shared/`, and `project/`, in which code blocks run, with the links `DATA` and `PROTOCOL` to it.
    """

    def picture(name: str, height: int, width: int, seed: int) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = np.random.default_rng(seed).integers(40, 216, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).save(path)
        return path

    protocol, data = write_people_world(folder, picture)
    shared, project = folder / "shared", folder / "project"
    shared.mkdir()
    project.mkdir()
    protocol.rename(shared / "protocol")
    data.rename(shared / "data")
    (shared / "data" / SECRETS).rename(shared / "data/lfw160")
    listing = shared / "protocol/covers-split.csv"
    with listing.open(newline="") as file:
        head, *rows = csv.reader(file)
    for name in COVER_SETS:
        shutil.copytree(shared / "data" / COVERS, shared / "data" / name)
    with listing.open("w", newline="") as file:
        csv.writer(file).writerows([head, *([name, *row[1:]] for name in COVER_SETS for row in rows)])
    (project / "DATA").symlink_to(shared / "data", target_is_directory=True)
    (project / "PROTOCOL").symlink_to(shared / "protocol", target_is_directory=True)
    (folder / "protocol").symlink_to(shared / "protocol", target_is_directory=True)  # DATA/../protocol
    named = [*PICTURES, *(f"{place}/{name}" for place, names in FOLDERS.items() for name in names)]
    for seed, name in enumerate(named):
        picture(f"project/{name}", 128, 160, seed=seed)
    (project / "my.key").write_text("5c" * 32)


def write_systems(folder: Path) -> None:
    """Write tiny untrained systems under the names of those that come with the package."""
    for name in ("lfw-single", "lfw-robust"):
        tiny_lattice(folder / name)
    tiny_system(folder / "lfw-multi", multi=True)
