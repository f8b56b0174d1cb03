"""Covers and their containers, as detectors are trained on and tried on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import Any, Literal

import torch
from torch import Tensor

from miais.data.covers import CoverSet
from miais.image import read_image, to_uint8
from miais.steganalysis.lsb import match_last_bits, replace_last_bits

Embedding = Literal["lsb-replacement", "lsb-matching"]
Split = Literal["disjoint", "random"]
_EMBED = {"lsb-replacement": replace_last_bits, "lsb-matching": match_last_bits}
_TEST_SHARE = {"disjoint": 0.3, "random": 0.2}
"""Of covers and of secrets, and of pairs: 4,000 and 1,000 of 5,000, as in the paper."""


@dataclass(frozen=True)
class StegoPair:
    """A cover and a container made of it.

    Attributes:
        cover: Name of the cover: pairs with the same one must not be on both sides of a split.
        secret: Name of the secret; None where the message is random.
        load: From the number of a draw to cover and container, bytes, each of shape (3, H, W). Where the message is
            random, another draw is another message.
    """

    cover: str
    secret: str | None
    load: Callable[[int], tuple[Tensor, Tensor]]


def pairs_of_files(entries: Iterable[Mapping[str, Any]]) -> list[StegoPair]:
    """Return the pairs of files.

    Args:
        entries: With the paths `cover`, `container` and `secret`, as in the manifest of `miais hide`; those without a
            container are left out.
    """
    return [
        StegoPair(str(entry["cover"]), entry["secret"], partial(_read, entry["cover"], entry["container"]))
        for entry in entries
        if entry.get("container") is not None
    ]


def pairs_of_last_bits(covers: CoverSet, embedding: Embedding, rate: float, seed: int) -> list[StegoPair]:
    """Hide random bits in covers.

    Args:
        covers: Pictures.
        embedding: How the bits are hidden.
        rate: Share of the values that carry one, in [0, 1].
        seed: Of the messages.
    """
    return [
        StegoPair(name, None, partial(_embed, covers, index, embedding, rate, seed))
        for index, name in enumerate(covers.names)
    ]


def split_pairs(pairs: Sequence[StegoPair], how: Split, seed: int) -> tuple[list[StegoPair], list[StegoPair]]:
    """Part pairs for training from pairs for the test.

    Args:
        pairs: All.
        how: "disjoint": no cover and no secret is on both sides; pairs of a training cover and a test secret, or the
            other way round, are left out. "random": as in the paper, which says nothing of covers that both share.
        seed: Of the draw.

    Raises:
        ValueError: If there are too few covers, secrets or pairs for both sides.
    """
    random = torch.Generator().manual_seed(seed)
    share = _TEST_SHARE[how]
    if how == "random":
        order = torch.randperm(len(pairs), generator=random).tolist()
        count = round(share * len(pairs))
        train, test = ([pairs[index] for index in part] for part in (order[count:], order[:count]))
    else:
        held_back = _drawn({pair.cover for pair in pairs}, share, random)
        secrets = {pair.secret for pair in pairs if pair.secret is not None}
        held_back_secrets = _drawn(secrets, share, random) | {None}
        free = (secrets - held_back_secrets) | {None}
        train = [pair for pair in pairs if pair.cover not in held_back and pair.secret in free]
        test = [pair for pair in pairs if pair.cover in held_back and pair.secret in held_back_secrets]
    if not train or not test:
        raise ValueError(
            f"expected pairs enough for training and test, got {len(pairs)}, of which {len(train)} and {len(test)} "
            "are left; give more containers in more covers, or a folder of others to test on"
        )
    return train, test


def hold_out(pairs: Sequence[StegoPair], share: float, seed: int) -> tuple[list[StegoPair], list[StegoPair]]:
    """Keep the pairs of some covers back, to watch a training by: those to train on, and those kept back."""
    held_back = _drawn({pair.cover for pair in pairs}, share, torch.Generator().manual_seed(seed))
    return (
        [pair for pair in pairs if pair.cover not in held_back],
        [pair for pair in pairs if pair.cover in held_back],
    )


def unseen(pairs: Sequence[StegoPair], seen: Iterable[StegoPair]) -> list[StegoPair]:
    """Return those pairs whose cover and secret do not occur among others.

    Files of one name count as the same, whatever their folders: a set may have been unpacked elsewhere.
    """
    known = list(seen)
    covers, secrets = {_file_name(pair.cover) for pair in known}, {_file_name(pair.secret) for pair in known} - {None}
    return [pair for pair in pairs if _file_name(pair.cover) not in covers and _file_name(pair.secret) not in secrets]


def _file_name(path: str | None) -> str | None:
    return None if path is None else PurePath(path).name


def _drawn(names: set[str], share: float, random: torch.Generator) -> set[str | None]:
    ordered = sorted(names)
    order = torch.randperm(len(ordered), generator=random).tolist()
    return {ordered[index] for index in order[: round(share * len(ordered))]}


def _read(cover: str | Path, container: str | Path, draw: int) -> tuple[Tensor, Tensor]:
    del draw  # a file is what it is
    pair = to_uint8(read_image(cover)), to_uint8(read_image(container))
    if pair[0].shape != pair[1].shape:
        raise ValueError(
            f"expected a container of its cover's size, got {cover} of {tuple(pair[0].shape)} and {container} of "
            f"{tuple(pair[1].shape)}"
        )
    return pair


def _embed(
    covers: CoverSet, index: int, embedding: Embedding, rate: float, seed: int, draw: int
) -> tuple[Tensor, Tensor]:
    cover = covers.pixels(index)
    random = torch.Generator().manual_seed((seed * 1_000_003 + index) * 1_000_003 + draw)
    return cover, _EMBED[embedding](cover, rate, random)
