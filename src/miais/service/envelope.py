"""What surrounds every request: its number, its line in the log, its measures, and headers that keep browsers safe."""

import logging
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from miais.service.gauges import Gauges
from miais.service.problems import problem_answer

_log = logging.getLogger("miais.service")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Envelope:
    """The outermost layer of the service; what fails inside leaves it as a problem too, under the same headers.

    Args:
        app: What is inside.
        gauges: Told of each answer.
    """

    def __init__(self, app: ASGIApp, gauges: Gauges) -> None:
        self._app, self._gauges = app, gauges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = uuid.uuid4().hex[:12]
        scope.setdefault("state", {})["number"] = number
        began, status, begun = time.monotonic(), 500, False

        async def send_on(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = number
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception:
            _log.exception("failed", extra={"request": number})
            if begun:
                raise
            detail = "something failed inside the service; its log says what, under this answer's X-Request-ID"
            await problem_answer(500, detail)(scope, receive, send_on)
        finally:
            self._record(scope, status, time.monotonic() - began)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        # Its name: a path may hold a person's, and strangers could fill the measures with methods of their own.
        verb = getattr(scope.get("route"), "name", "unknown")
        self._gauges.requests.labels(verb, str(status)).inc()
        self._gauges.seconds.labels(verb).observe(seconds)
        _log.info(
            "answered",
            extra={
                "request": scope["state"]["number"],
                "caller": scope["state"].get("caller"),
                "verb": verb,
                "status": status,
                "seconds": round(seconds, 4),
                "received_bytes": Headers(scope=scope).get("content-length"),
            },
        )
