"""Sets of places under one key, of which each container takes one: for samples that do not come back to the last bit.

Low frequencies survive the road but not unchanged, so they cannot hold a nonce. A reader who has the key tries all sets
instead, and sees which one was meant by how well its places agree. Who does not have the key finds the same places in
one of so many containers only.
"""

import hashlib
import math
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from miais.networks.lattice.keyed_slots import KEY_BYTES, Slots, keyed_slots, together

_CHUNK = 8
_FINE = 64.0
"""Messages are told apart by this share of a cycle: the last digits depend on the batch that a message came in."""


class PlaceSets(NamedTuple):
    """K sets of places.

    Attributes:
        slots: Of shape (K, R, D).
        cosines: Of the zeros, the same shape.
        sines: The same.
    """

    slots: Slots
    cosines: Tensor
    sines: Tensor

    def to(self, device: torch.device) -> "PlaceSets":
        """Return the same sets on a device."""
        return PlaceSets(self.slots.to(device), self.cosines.to(device), self.sines.to(device))


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # kept ones must serve a training too, whoever asked first
def place_sets(key: bytes, samples: int, symbols: int, repeats: int, skip: int, count: int) -> PlaceSets:
    """Return `count` sets of places; the arguments are those of `keyed_slots`."""
    keys = (hashlib.shake_256(b"miais set\0" + key + str(number).encode()) for number in range(count))
    slots = together([keyed_slots(each.digest(KEY_BYTES), samples, symbols, repeats, skip) for each in keys])
    angles = slots.offsets * (2 * math.pi)
    return PlaceSets(slots, angles.cos(), angles.sin())


def drawn_sets(images: Tensor, message: Tensor, key: bytes, count: int) -> Tensor:
    """Draw the set of each container from the key, the cover and the message.

    Args:
        images: Covers, shape (N, 3, H, W), range [0, 1].
        message: In cycles, shape (N, D).
        key: Of the channel.
        count: Number of sets, K.

    Returns:
        Below K, int64, shape (N,), on the CPU. The same for the same secret in the same cover, so that nobody can
        collect several containers of both and take their mean.
    """
    covers = (images.detach() * 255).round().to(torch.uint8).cpu().numpy()
    words = (message.detach().float() * _FINE).round().to(torch.int16).cpu().numpy()
    digests = (
        hashlib.shake_256(b"miais draw\0" + key + word.tobytes() + cover.tobytes()).digest(8)
        for cover, word in zip(covers, words, strict=True)
    )
    return torch.tensor([int.from_bytes(digest, "big") % count for digest in digests])


@torch.no_grad()
def best_set(samples: Tensor, sets: PlaceSets, step: float) -> tuple[Tensor, Tensor]:
    """Return under which set the places of each symbol agree best.

    Args:
        samples: Of N pictures, in grey levels, shape (N, L).
        sets: All of them.
        step: Length of a cycle, in grey levels.

    Returns:
        The agreement, in [0, 1], and the number of the set, int64, each of shape (N,).
    """
    angles, shape = samples * (2 * math.pi / step), sets.slots.positions.shape
    places, found = sets.slots.positions.flatten(), []
    for part in angles.split(_CHUNK):
        cosine, sine = (waves.index_select(1, places).view(-1, *shape) for waves in (part.cos(), part.sin()))
        straight = (cosine * sets.cosines + sine * sets.sines).sum(dim=2)  # (n, K, D)
        askew = (sine * sets.cosines - cosine * sets.sines).sum(dim=2)
        found.append((straight.square() + askew.square()).mean(dim=2) / shape[1] ** 2)
    agreement, number = torch.cat(found).max(dim=1)
    return agreement, number
