"""What the documentation's code blocks name: pictures, sets, systems, and what a training leaves."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.torch import save_file
from support.people_world import COVERS, PEOPLE, SECRETS, write_people_world
from support.photographs import photograph
from support.systems import tiny_lattice, tiny_system

from miais.card import read_card, write_card
from miais.image import to_uint8
from miais.networks.recognizers import RECOGNIZERS
from miais.networks.spec import NetworkSpec, build_network
from miais.recognizer import save_recognizer
from miais.system import StegoSystem
from miais.system_folder import BUNDLED
from miais.training.corpus import DIGITS

PICTURES = ("face.jpg", "other.jpg", "cover.jpg", "monday.jpg", "tuesday.jpg")
FOLDERS = {"faces": ("ada.jpg", "bob.jpg"), "photographs": ("lake.jpg", "hill.jpg", "road.jpg")}
COVER_SETS = ("covers-imagenet400", "covers-textures100")


def write_doc_world(folder: Path) -> None:
    """Write the sets of the protocol under their names, and the pictures.

    Args:
        folder: Gets `shared/`, and `project/` with the links `DATA`, `PROTOCOL`, `SYSTEM`; code blocks run in it.
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
    (project / "protocol").symlink_to(shared / "protocol", target_is_directory=True)  # DATA/../protocol
    (project / "SYSTEM").symlink_to("../systems/lfw-single", target_is_directory=True)
    named = [*PICTURES, *(f"{place}/{name}" for place, names in FOLDERS.items() for name in names)]
    for seed, name in enumerate(named):
        picture(f"project/{name}", 128, 160, seed=seed)
    holiday = to_uint8(photograph("astronaut", 256)).permute(1, 2, 0).numpy()  # `--crop-face` finds a face on it
    for name in ("holiday.jpg", "holiday.png"):
        Image.fromarray(holiday).save(project / name)
    (project / "my.key").write_text("5c" * 32)


def write_systems(folder: Path) -> None:
    """Write tiny untrained systems under the names of those that come with the package, and one of digits."""
    for name in ("lfw-single", "lfw-robust"):
        tiny_lattice(folder / name)
    tiny_system(folder / "lfw-multi", multi=True)
    tiny_system(folder / "digits")
    write_card(folder / "digits", replace(read_card(folder / "digits"), training={"data": {"secrets": DIGITS}}))


def write_full_size(folder: Path) -> None:
    """Write an untrained system of the size of the package's, for the people of this world."""
    card = replace(read_card(BUNDLED / folder.name), num_identities=PEOPLE)
    shutil.rmtree(folder)
    StegoSystem.build(card).save(folder)


def write_recognizer(folder: Path) -> None:
    """Write what the page about one's own recogniser starts from: weights in two files, and a folder that is ready."""
    spec = NetworkSpec("inception", {"backbone": "resnet50", "embedding_dim": 512})
    network = build_network(spec, RECOGNIZERS, num_identities=1)
    save_file(network.trunk.state_dict(), folder / "features.safetensors")
    save_file(network.embedding.state_dict(), folder / "embedding.safetensors")
    small = NetworkSpec("residue", {"image_size": 112, "width": 8, "embedding_dim": 16})
    save_recognizer(build_network(small, RECOGNIZERS, num_identities=1), small, folder / "my-recognizer")
