"""Diffusion of CCM: each block of 8x8 pixels is encrypted with a key stream that depends on the block before it."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from miais.obfuscation.blocks import join_blocks, split_blocks
from miais.obfuscation.keyed_draws import keyed_fractions, keyed_integers
from miais.obfuscation.logistic_map import logistic_digits

_BLOCK = 8
_VALUES = 3 * _BLOCK**2
_SUMS = 255 * _VALUES + 1
_SKIP = 20


def diffuse(images: Tensor, key: bytes) -> Tensor:
    """Encrypt the blocks in row-major order.

    Each block is XORed with 192 bytes, floor(z * 10^14) mod 256 of a logistic map that starts at frac(z0 + s / 2^16)
    (at 0.5 should that be 0) and skips 20 steps. z0 comes from the key, s is the sum of the encrypted block before, and
    for the first block a keyed number.

    Args:
        images: Bytes, shape (N, 3, H, W), sides that are multiples of 8.
        key: 32 bytes.

    Returns:
        The same shape.

    Raises:
        ValueError: If a side is no multiple of 8.
    """
    streams, start = _streams(key)
    plain = _split(images)
    sums = np.full(len(plain), start)
    encrypted = np.empty_like(plain)
    for number in range(plain.shape[1]):
        encrypted[:, number] = plain[:, number] ^ streams[sums]
        sums = encrypted[:, number].sum(axis=1, dtype=np.int64)
    return _join(encrypted, images)


def undo_diffusion(images: Tensor, key: bytes) -> Tensor:
    """Decrypt what `diffuse` has encrypted: arguments, result and errors as there."""
    streams, start = _streams(key)
    encrypted = _split(images)
    sums = encrypted.sum(axis=2, dtype=np.int64)
    before = np.concatenate([np.full_like(sums[:, :1], start), sums[:, :-1]], axis=1)
    return _join(encrypted ^ streams[before], images)


@lru_cache(maxsize=1)
def _streams(key: bytes) -> tuple[NDArray[np.uint8], int]:
    """Return the key stream of every possible sum, shape (48961, 192), and the number that the first block takes.

    One table for all pictures: a block then costs a look-up instead of 212 steps of the map.
    """
    starts = (keyed_fractions(key, "ccm diffusion start", 1) + np.arange(_SUMS) / 2**16) % 1.0
    starts[starts == 0] = 0.5  # The map would stay there.
    table = np.empty((_VALUES, _SUMS), np.uint8)
    for row, digits in zip(table, logistic_digits(starts, skip=_SKIP, count=_VALUES), strict=True):
        row[:] = digits % 256
    return np.ascontiguousarray(table.T), int(keyed_integers(key, "ccm diffusion first", _SUMS, 1)[0])


def _split(images: Tensor) -> NDArray[np.uint8]:
    """Return the bytes of the blocks by row, column and channel, shape (N, B, 192)."""
    blocks = split_blocks(images, _BLOCK).permute(0, 1, 3, 4, 2)
    values: NDArray[np.uint8] = blocks.flatten(2).cpu().numpy()
    return values


def _join(values: NDArray[np.uint8], images: Tensor) -> Tensor:
    blocks = torch.from_numpy(values).unflatten(2, (_BLOCK, _BLOCK, 3)).permute(0, 1, 4, 2, 3)
    return join_blocks(blocks, *images.shape[-2:]).to(images.device)
