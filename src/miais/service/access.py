"""Two ways of letting people in: everybody on one's own machine, or whoever has a key."""

import logging
from pathlib import Path
from typing import Protocol

from miais.service.access_keys import AccessKey, find_key, read_keys
from miais.service.callers import Caller, Role
from miais.service.problems import Problem

_log = logging.getLogger("miais.service")
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


class Access(Protocol):
    """Says who a caller is."""

    @property
    def needs_key(self) -> bool:
        """Whether a caller has to show one."""

    def caller(self, authorization: str | None) -> Caller:
        """Name the caller of a request.

        Args:
            authorization: The header of that name.

        Raises:
            Problem: If nobody is let in with that.
        """


class OpenAccess:
    """Whoever reaches the service may use it: for one person, on their own machine.

    Args:
        restore: Whether that includes restoring.
    """

    needs_key = False

    def __init__(self, *, restore: bool = False) -> None:
        roles: set[Role] = {"hide", "recognise", "admin"}
        self._local = Caller("local", frozenset(roles | {"restore"} if restore else roles))

    def caller(self, authorization: str | None) -> Caller:
        """Answer "local", whoever it is."""
        return self._local


class KeyedAccess:
    """Whoever has a key does what it is for.

    Args:
        path: Written by `miais keys`; read again when it has changed.
        restore: Whether keys with the role "restore" may; without this none does.

    Raises:
        FileNotFoundError, ValueError: As `read_keys`.
    """

    needs_key = True

    def __init__(self, path: Path, *, restore: bool = False) -> None:
        self._path, self._restore = path, restore
        self._keys = read_keys(path)
        self._version: tuple[int, int] | None = None  # the first request reads them again

    def caller(self, authorization: str | None) -> Caller:
        """Name the owner of the key in `Authorization: Bearer KEY`.

        Raises:
            Problem: 401 if the header is missing or the key unknown; 503 if the file of keys cannot be read any more.
        """
        scheme, _, key = (authorization or "").partition(" ")
        known = find_key(self._current(), key.strip()) if scheme.lower() == "bearer" else None
        if known is None:
            raise Problem(
                401,
                "expected an access key as `Authorization: Bearer KEY`, got none or one that is not known; ask whoever "
                "runs this service for one (`miais keys add`)",
                {"WWW-Authenticate": "Bearer"},
            )
        roles = frozenset(known.roles)
        return Caller(known.name, roles if self._restore else roles - {"restore"})

    def _current(self) -> tuple[AccessKey, ...]:
        try:
            version = self._stamp()
            if version != self._version:
                self._version, self._keys = version, read_keys(self._path)
        except (OSError, ValueError) as error:  # edited by hand, or moved: nobody is let in until it is mended
            _log.error("the access keys cannot be read: %s", error)
            raise Problem(503, "the access keys cannot be read; the log of the service says why") from error
        return self._keys

    def _stamp(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_ino


def choose_access(host: str, keys: Path | None, *, restore: bool) -> Access:
    """Decide who may use a service that listens on a host.

    Args:
        host: Address or name that it is bound to.
        keys: File of access keys, or None.
        restore: Whether anybody may restore.

    Raises:
        ValueError: If others could reach it and there are no keys.
    """
    if keys is not None:
        return KeyedAccess(keys, restore=restore)
    if host not in LOCAL_HOSTS:
        raise ValueError(
            f"expected access keys where the service can be reached from other machines ({host}), got none; make one "
            "with `miais keys add NAME --role hide` and serve with --keys FILE, or stay on 127.0.0.1"
        )
    return OpenAccess(restore=restore)
