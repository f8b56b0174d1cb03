"""Access keys: who may ask what. The file holds hashes; a key itself is shown once, when it is made."""

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from filelock import FileLock

from miais.service.callers import Role

_FORMAT = 1
_PREFIX = "miais"
_PATIENCE = 10  # seconds, for another `miais keys` to end


@dataclass(frozen=True)
class AccessKey:
    """What is kept of a key.

    Attributes:
        name: Whose it is; the audit log names callers so.
        sha256: Of the key, hexadecimal. A key has 256 random bits, so no slow hash is needed to keep it from guessing.
        roles: What it opens.
        added: When, UTC, ISO 8601.
    """

    name: str
    sha256: str
    roles: tuple[Role, ...]
    added: str


def read_keys(path: Path) -> tuple[AccessKey, ...]:
    """Read a file of keys.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is not such a file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            raise ValueError(f"format {_FORMAT} is expected, not {content['format']!r}")
        keys = tuple(_read_key(key) for key in content["keys"])
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path}: no such file of access keys; make one with `miais keys add`") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: expected a file written by `miais keys`: {error}") from error
    return keys


def add_key(path: Path, name: str, roles: Iterable[str]) -> str:
    """Make a key and keep its hash.

    Args:
        path: The file; made if missing, readable by its owner alone.
        name: Whose it will be: 1 to 100 printable characters, not yet taken.
        roles: What it opens.

    Returns:
        The key: it is not kept, and cannot be shown again.

    Raises:
        ValueError: If the name is not as above or is taken, or a role is unknown.
        TimeoutError: If another process keeps the file locked.
    """
    if not (0 < len(name) <= 100 and name.isprintable()):
        raise ValueError(f"expected a name of 1 to 100 printable characters, got {name!r}")
    key = f"{_PREFIX}_{secrets.token_urlsafe(32)}"
    added = datetime.now(UTC).isoformat(timespec="seconds")
    new = AccessKey(name, _digest(key), _checked(roles), added)
    with _locked(path):
        keys = read_keys(path) if path.exists() else ()
        if name in [known.name for known in keys]:
            raise ValueError(f"{path}: there is a key of the name {name!r}; remove it first or take another name")
        _write(path, (*keys, new))
    return key


def remove_key(path: Path, name: str) -> None:
    """Let a key open nothing any more; a running service notices at the next request.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If there is no key of that name.
        TimeoutError: If another process keeps the file locked.
    """
    read_keys(path)  # where there is none, nothing is left behind
    with _locked(path):
        keys = read_keys(path)
        kept = tuple(key for key in keys if key.name != name)
        if len(kept) == len(keys):
            raise ValueError(
                f"{path}: no key of the name {name!r}; there are: {', '.join(key.name for key in keys) or '-'}"
            )
        _write(path, kept)


def find_key(keys: Iterable[AccessKey], key: str) -> AccessKey | None:
    """Find what is kept of a key, in a time that does not depend on how much of it is right."""
    digest = _digest(key)
    found = None
    for known in keys:  # all of them, also after the right one
        if hmac.compare_digest(known.sha256, digest):
            found = known
    return found


def _read_key(kept: Any) -> AccessKey:
    key = AccessKey(**{**kept, "roles": _checked(kept["roles"])})
    if not (isinstance(key.name, str) and isinstance(key.sha256, str) and re.fullmatch("[0-9a-f]{64}", key.sha256)):
        raise ValueError("a key has a name, and a sha256 of 64 hexadecimal digits")
    return key


def _locked(path: Path) -> FileLock:
    """Keep others from changing the file; without this one of two keys made in one moment would be lost."""
    return FileLock(path.with_name(f".{path.name}.lock"), timeout=_PATIENCE)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _checked(roles: Iterable[str]) -> tuple[Role, ...]:
    known: tuple[Role, ...] = get_args(Role)
    given = tuple(roles)
    if not given or set(given) - set(known):
        raise ValueError(f"expected some of the roles {', '.join(known)}, got {', '.join(given) or 'none'}")
    return tuple(role for role in known if role in given)


def _write(path: Path, keys: tuple[AccessKey, ...]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump({"format": _FORMAT, "keys": [asdict(key) for key in keys]}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
