"""Keeps other web sites from using a service that needs no key through the browser of this machine's user."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from miais.service.problems import problem_answer

_READING = ("GET", "HEAD", "OPTIONS")


class OwnSite:
    """Refuses requests under a foreign name, and changes that another site's page asks for.

    A page elsewhere can point a name of its own to 127.0.0.1 (DNS rebinding); the header Host shows that name. And it
    can send forms here (cross-site request forgery); the header Origin shows where they come from.

    Args:
        app: What is inside.
        hosts: Names that this service goes by, without ports.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (self._app if refusal is None else problem_answer(403, refusal))(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        name = _name(f"//{host}")
        if name not in self._hosts:
            names = ", ".join(sorted(self._hosts))
            return f"expected one of the names {names} as Host, got {name!r}; open it under one of them, or use keys"
        if scope["method"] in _READING:
            return None
        origin = headers.get("origin")
        foreign = origin is not None and _place(origin) != host.lower()
        if foreign or headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return f"expected a request from this service's own page or from a program, got one from {origin}"
        return None


def _place(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
