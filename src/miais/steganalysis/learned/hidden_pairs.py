"""Pairs for detectors from a system: secrets hidden in covers, as PNG files that are kept."""

from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from miais.data.covers import CoverSet
from miais.data.secrets import SecretSet
from miais.image import from_uint8, read_image, to_uint8, write_png
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
    pairs = []
    for number in range(count):
        secret, cover = (order[number % len(order)] for order in orders)
        path = folder / f"{number:05d}.png"
        if not path.exists():  # written under another name first: what is there is whole
            write_png(path, system.hide(from_uint8(secrets.pixels(secret)), from_uint8(covers.pixels(cover))))
        pairs.append(StegoPair(covers.names[cover], secrets.names[secret], partial(_load, covers, cover, path)))
        if progress is not None:
            progress(number + 1, count)
    return pairs


def _load(covers: CoverSet, index: int, container: Path, draw: int) -> tuple[Tensor, Tensor]:
    del draw  # a file is what it is
    return covers.pixels(index), to_uint8(read_image(container))
