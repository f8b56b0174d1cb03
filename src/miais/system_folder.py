"""Systems as folders: one safetensors file for each network, beside the card with their hashes."""

import difflib
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from miais.card import CARD_FILE, SystemCard, sha256_of, write_card

BUNDLED = Path(__file__).parent / "systems"
ROLES = ("generator", "classifier_1", "classifier_2", "secret_classifier", "restorer")
"""The networks of a system; each is a file of its own."""


def save_networks(networks: Mapping[str, nn.Module], card: SystemCard, folder: str | Path) -> SystemCard:
    """Write one safetensors file for each network, and the card with their hashes.

    Args:
        networks: Networks by their roles.
        card: What they are.
        folder: Made if missing; an older system in it is replaced only once the new one is complete.

    Returns:
        The card as written.

    Raises:
        FileExistsError: If the folder has other files than those of a system; they would be lost.
    """
    folder = Path(folder).resolve()
    _refuse_other_files(folder)
    building = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.tmp")
    building.mkdir(parents=True)
    try:
        for role, network in networks.items():
            tensors = {name: tensor.cpu().contiguous().clone() for name, tensor in network.state_dict().items()}
            # Not save_file: it makes files that nobody but their owner may read.
            (building / f"{role}.safetensors").write_bytes(save(tensors))
        hashes = {path.name: sha256_of(path) for path in sorted(building.glob("*.safetensors"))}
        card = replace(card, files=hashes)
        write_card(building, card)
        put_in_place(building, folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return card


def load_networks(networks: Mapping[str, nn.Module], card: SystemCard, folder: Path) -> None:
    """Give networks the weights of a system's folder.

    Args:
        networks: Networks as the card describes them, by their roles.
        card: The folder's card.
        folder: Written by `save_networks`.

    Raises:
        ValueError: If a file is missing, does not have the hash that the card states, or does not fit its network.
    """
    for role, network in networks.items():
        path = folder / f"{role}.safetensors"
        if not path.is_file():
            raise ValueError(f"{folder}: {path.name} is missing; get the system's folder again")
        if sha256_of(path) != card.files.get(path.name):
            raise ValueError(f"{path}: not the file that the card describes (SHA-256 differs); get it again")
        try:
            network.load_state_dict(load_file(path), strict=True)
        except (RuntimeError, SafetensorError) as error:
            raise ValueError(f"{path}: cannot be loaded into the card's networks: {error}") from error


def bundled_systems() -> list[str]:
    """Return the names of the systems that come with the package."""
    return sorted(path.parent.name for path in BUNDLED.glob("*/card.json"))


def find_system(name_or_folder: str | Path) -> Path:
    """Return the folder of a bundled system, or the folder given.

    Raises:
        FileNotFoundError: If it is neither; the text names the near one.
    """
    name = str(name_or_folder)
    if name in bundled_systems():
        return BUNDLED / name
    if Path(name).is_dir():
        return Path(name)
    near = difflib.get_close_matches(name, bundled_systems(), n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"bundled systems: {', '.join(bundled_systems()) or 'none'}"
    raise FileNotFoundError(f"no system {name!r}, neither bundled nor a folder; {hint}")


def _refuse_other_files(folder: Path) -> None:
    own = {CARD_FILE, *(f"{role}.safetensors" for role in ROLES)}
    others = sorted({path.name for path in folder.iterdir()} - own) if folder.exists() else []
    if others:
        raise FileExistsError(
            f"{folder}: expected a new folder or that of an older system, got one with {others[0]} in it; "
            "choose another folder"
        )


def put_in_place(complete: Path, folder: Path) -> None:
    """Give a complete system its folder's name; an older one steps aside, and comes back should that fail."""
    older = complete.with_suffix(".old")
    if folder.exists():
        folder.rename(older)
    try:
        complete.rename(folder)
    except OSError:
        if older.exists():
            older.rename(folder)
        raise
    shutil.rmtree(older, ignore_errors=True)
