"""Pairs for detectors from a system: secrets hidden in covers, as PNG files that are kept."""

from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from miais.data.covers import CoverSet
from miais.data.secrets import SecretSet
from miais.image import from_uint8, write_png
from miais.steganalysis.learned.pairs import StegoPair
from miais.steganalysis.learned.scores import Progress
from miais.system import StegoSystem


def hidden_pairs(
    system: StegoSystem,
    secrets: SecretSet,
    covers: CoverSet,
    count: int,
    folder: Path,
    *,
    seed: int,
    progress: Progress | None = None,
) -> list[StegoPair]:
    """Hide secrets in covers, in turn, each side in an order of its own.

    Args:
        system: That hides.
        secrets: Each goes into one cover, until all are used; then they begin again.
        covers: The same.
        count: Number of containers.
        folder: Gets them; those that are there already are not made again.
        seed: Of both orders.
        progress: Called after each container.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = torch.Generator().manual_seed(seed)
    orders = [torch.randperm(len(each), generator=random).tolist() for each in (secrets, covers)]
    drawn = [[order[number % len(order)] for order in orders] for number in range(count)]
    names = [f"{number:05d}.png" for number in range(count)]
    for number, (secret, cover) in enumerate(drawn):
        path = folder / names[number]
        if not path.exists():  # written under another name first: what is there is whole
            write_png(path, system.hide(from_uint8(secrets.pixels(secret)), from_uint8(covers.pixels(cover))))
        if progress is not None:
            progress(number + 1, count)
    containers = CoverSet.open(folder, names)  # which keeps in memory what fits
    return [
        StegoPair(covers.names[cover], secrets.names[secret], partial(_load, covers, cover, containers, number))
        for number, (secret, cover) in enumerate(drawn)
    ]


def _load(covers: CoverSet, cover: int, containers: CoverSet, number: int, draw: int) -> tuple[Tensor, Tensor]:
    del draw  # a file is what it is
    return covers.pixels(cover), containers.pixels(number)
