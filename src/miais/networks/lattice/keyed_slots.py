"""Which samples of a picture carry which symbol of a message, and from which zero: drawn from a key.

The draw is the same on every machine and with every version of every library: all randomness is SHAKE-256 of the key.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

KEY_BYTES = 32
_ROUNDS = 4


class Slots(NamedTuple):
    """Places of a message, or of one message in each of N pictures.

    Attributes:
        positions: Sample of each repetition of each symbol, all different, int64, shape (R, D) or (N, R, D).
        offsets: Zero of each, in cycles, multiples of 1/256 in [0, 1), float32, the same shape.
    """

    positions: Tensor
    offsets: Tensor

    def of(self, numbers: Tensor) -> "Slots":
        """Return those of some pictures or sets, by number."""
        return Slots(self.positions[numbers], self.offsets[numbers])

    def to(self, device: torch.device) -> "Slots":
        """Return the same places on a device."""
        return Slots(self.positions.to(device), self.offsets.to(device))


@lru_cache(maxsize=64)  # a batch of codes and of pictures: each container's are asked for more than once
@torch.inference_mode(False)  # kept ones must serve a training too, whoever asked first
def keyed_slots(key: bytes, samples: int, symbols: int, repeats: int, skip: int = 0) -> Slots:
    """Give every symbol of a message its places.

    Args:
        key: 32 bytes; who does not have them cannot tell the places from others.
        samples: Number of samples that there are.
        symbols: Number of symbols, D.
        repeats: Places of each symbol, R; fewer where there are not enough samples.
        skip: Places to leave free for another message under the same key.

    Raises:
        ValueError: If the key has another length, a number is not positive, or the samples do not suffice for one
            place each.

    Example:
        >>> slots = keyed_slots(bytes(32), samples=12, symbols=4, repeats=3)
        >>> sorted(slots.positions.flatten().tolist())
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"expected a key of {KEY_BYTES} bytes, got {len(key)}")
    if min(samples, symbols, repeats) < 1 or skip < 0:
        raise ValueError(
            f"expected at least 1 sample, symbol and repeat, and skip >= 0, got {samples}, {symbols}, {repeats}, {skip}"
        )
    repeats = min(repeats, (samples - skip) // symbols)
    if repeats < 1:
        raise ValueError(
            f"the cover has {samples} samples to hide in, too few for a message of {skip + symbols} symbols; use a "
            "larger cover"
        )
    count = repeats * symbols
    positions = _permute(key, np.arange(skip, skip + count, dtype=np.int64), samples)
    offsets = np.frombuffer(_stream(key, f"offsets {skip}", count), dtype=np.uint8).astype(np.float32) / 256
    return Slots(*(torch.from_numpy(array.reshape(repeats, symbols)) for array in (positions, offsets)))


def together(slots: Sequence[Slots]) -> Slots:
    """Return the places of N pictures as one, shape (N, R, D)."""
    positions, offsets = zip(*slots, strict=True)
    return Slots(torch.stack(positions), torch.stack(offsets))


def _permute(key: bytes, numbers: np.ndarray, size: int) -> np.ndarray:
    """Send numbers below `size` to different numbers below it: a Feistel network, walked until it ends inside."""
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    words = np.frombuffer(_stream(key, f"permutation {half}", _ROUNDS * 4 << half), dtype="<u4")
    tables = (words & ((1 << half) - 1)).astype(np.int64).reshape(_ROUNDS, -1)
    result, walking = numbers.copy(), np.arange(len(numbers))
    while len(walking):
        left, right = result[walking] >> half, result[walking] & ((1 << half) - 1)
        for table in tables:
            left, right = right, left ^ table[right]
        result[walking] = left << half | right
        walking = walking[result[walking] >= size]
    return result


def _stream(key: bytes, purpose: str, count: int) -> bytes:
    return hashlib.shake_256(b"miais slots\0" + key + purpose.encode()).digest(count)
