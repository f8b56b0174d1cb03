"""A user's own key: who does not have it reads nothing from a container, not even with the networks."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from torch import nn

from miais.networks.lattice.channel import LatticeChannel
from miais.networks.lattice.keyed_slots import KEY_BYTES


def read_key(path: str | Path) -> bytes:
    """Read a key of 32 bytes from a file that holds them, or 64 hexadecimal digits.

    Raises:
        ValueError: If the file holds something else.
        FileNotFoundError: If it is missing.
    """
    with Path(path).open("rb") as file:
        content = file.read(4 * KEY_BYTES)  # no more: somebody may name a picture
    if len(content) == KEY_BYTES:
        return content
    try:
        key = bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(
            f"{path}: expected a key, {KEY_BYTES} random bytes or {2 * KEY_BYTES} hexadecimal digits; make one with: "
            f"python -c 'import secrets; print(secrets.token_hex({KEY_BYTES}))' > FILE"
        )
    return key


def give_key(networks: Iterable[nn.Module], key: bytes) -> None:
    """Let networks on a lattice write and read under another key than the one that they were trained with.

    Args:
        networks: All those of a system: they must share the key.
        key: 32 bytes.

    Raises:
        ValueError: If the key has another length, or none of the networks has a key.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"expected a key of {KEY_BYTES} bytes, got {len(key)}")
    channels = [part for network in networks for part in network.modules() if isinstance(part, LatticeChannel)]
    if not channels:
        raise ValueError(
            "expected a system on a lattice, got one that has no key: all who have the system read its containers; "
            "leave the key out or take another system"
        )
    for channel in channels:
        channel.key = key


def key_fingerprint(key: bytes) -> str:
    """Return what names a key without giving it away, 16 hexadecimal digits.

    Example:
        >>> key_fingerprint(bytes(32))
        '6e480829f861d498'
    """
    return hashlib.sha256(b"miais key\0" + key).hexdigest()[:16]
