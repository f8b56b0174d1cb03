"""Bits, integers and permutations drawn from a key.

The draw is the same on every machine and with every version of every library: all randomness is SHAKE-256 of the key
and of what it is for, so that no two methods, and no two parts of one, share a stream.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

KEY_BYTES = 32


def check_key(key: bytes) -> None:
    """Refuse what is no key.

    Raises:
        TypeError: If it is not bytes.
        ValueError: If it has another length than 32 bytes.
    """
    if not isinstance(key, bytes):
        raise TypeError(f"expected a key of {KEY_BYTES} bytes, got {type(key).__name__}; miais.read_key reads one")
    if len(key) != KEY_BYTES:
        raise ValueError(f"expected a key of {KEY_BYTES} bytes, got {len(key)}; miais.read_key reads one from a file")


def image_key(key: bytes, image_id: str) -> bytes:
    """Derive the key of one picture, for the policy of another key for each.

    Args:
        key: 32 bytes.
        image_id: What names the picture; who undoes the method needs the same.

    Returns:
        32 bytes.

    Raises:
        TypeError, ValueError: As `check_key`.

    Example:
        >>> image_key(bytes(32), "face 1").hex()[:16]
        '706a6d02aaa8d2a0'
    """
    check_key(key)
    return _stream(key, f"image {image_id}", KEY_BYTES)


def keyed_bytes(key: bytes, purpose: str, count: int) -> NDArray[np.uint8]:
    """Draw bytes, shape (count,), read-only.

    Args:
        key: 32 bytes.
        purpose: Name of the stream.
        count: How many; fewer are the first of more.
    """
    return np.frombuffer(_stream(key, purpose, count), np.uint8)


def keyed_bits(key: bytes, purpose: str, count: int) -> NDArray[np.uint8]:
    """Draw bits 0 or 1, shape (count,), the lowest of each byte first."""
    return np.unpackbits(keyed_bytes(key, purpose, -(-count // 8)), bitorder="little", count=count)


def keyed_choices(key: bytes, purpose: str, share: float, count: int) -> NDArray[np.bool_]:
    """Choose each of `count` with probability `share` in [0, 1], to within 2^-32; shape (count,)."""
    return _words(key, purpose, count) < np.uint64(round(share * 2**32))


def keyed_integers(key: bytes, purpose: str, bound: int, count: int) -> NDArray[np.int64]:
    """Draw integers from 0 to `bound` - 1, shape (count,).

    Each is a word of 32 bits scaled down: for bounds below 2^16 no integer is likelier than another by 2^-16.
    """
    return ((_words(key, purpose, count) * np.uint64(bound)) >> np.uint64(32)).astype(np.int64)


def keyed_fractions(key: bytes, purpose: str, count: int) -> NDArray[np.float64]:
    """Draw multiples of 2^-53 in [0, 1), shape (count,)."""
    words = np.frombuffer(_stream(key, purpose, 8 * count), "<u8")
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def keyed_permutations(key: bytes, purpose: str, size: int, count: int) -> NDArray[np.int64]:
    """Draw permutations of 0 to `size` - 1, one in each row, shape (count, size).

    Each is the order of words of 64 bits; of two equal ones the first stays first.
    """
    words = np.frombuffer(_stream(key, purpose, 8 * size * count), "<u8").reshape(count, size)
    return np.argsort(words, axis=1, kind="stable").astype(np.int64, copy=False)


def _words(key: bytes, purpose: str, count: int) -> NDArray[np.uint64]:
    return np.frombuffer(_stream(key, purpose, 4 * count), "<u4").astype(np.uint64)


def _stream(key: bytes, purpose: str, count: int) -> bytes:
    return hashlib.shake_256(b"miais obfuscation\0" + key + purpose.encode()).digest(count)
