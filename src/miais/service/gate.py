"""What a request passes before anything of its body is read: who asks, may they, how often, is there room."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException

from miais.service.access import Access
from miais.service.audit import AuditEntry, AuditLog
from miais.service.bounded_request import BoundedRequest
from miais.service.bounds import Bounds
from miais.service.callers import Caller, Role
from miais.service.gauges import Gauges
from miais.service.problems import Problem

_NEEDS, _AUDITED = "x-role", "x-audited"


def needs(role: Role | Literal["any"], *, audited: bool = True) -> dict[str, Any]:
    """Say what a verb asks of its caller; goes into OpenAPI too.

    Args:
        role: That the caller must have; "any" for whoever is let in.
        audited: Whether the audit log keeps each request.
    """
    return {_NEEDS: role, _AUDITED: audited}


class Gate:
    """Lets requests in, or says why not.

    Args:
        access: Says who a caller is.
        bounds: How much is let in.
        gauges: Told what is in work.
        audit: Told who asked what; None to keep no such log.
    """

    def __init__(self, access: Access, bounds: Bounds, gauges: Gauges, audit: AuditLog | None) -> None:
        self.access, self.bounds, self._gauges, self._audit = access, bounds, gauges, audit
        self._rate: RateLimitItem = parse(bounds.rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._in_work, self._typical_seconds = 0, 1.0

    @property
    def full(self) -> bool:
        """Whether the next request would be sent away."""
        return self._in_work >= self.bounds.waiting

    def admit(self, request: Request, role: Role | Literal["any"]) -> None:
        """Let a request in, if its caller may do this now, and write the caller's name on it.

        Raises:
            Problem: 401, 403 or 429; 503 if the keys cannot be read.
        """
        try:
            caller = self.access.caller(request.headers.get("authorization"))
        except Problem:
            # Whoever tries keys is slowed down, and nobody else.
            self._count(f"address {request.client.host if request.client else 'unknown'}")
            raise
        request.state.caller = caller.name
        self._count(f"caller {caller.name}")
        if role != "any" and role not in caller.roles:
            raise Problem(403, _refusal(role, caller))

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the places for requests with pictures.

        Raises:
            Problem: 503 if none is free.
        """
        if self.full:
            self._gauges.refused.inc()
            seconds = max(1, math.ceil(self._typical_seconds))
            raise Problem(
                503,
                f"{self._in_work} requests are in work, as many as this service takes; come back in {seconds} s",
                {"Retry-After": str(seconds)},
            )
        self._in_work += 1
        self._gauges.in_work.inc()
        began = time.monotonic()
        try:
            yield
        finally:
            self._in_work -= 1
            self._gauges.in_work.dec()
            self._typical_seconds += 0.1 * (time.monotonic() - began - self._typical_seconds)

    async def note(self, request: Request, verb: str, status: int) -> None:
        """Keep in the audit log what was asked and how it ended.

        Raises:
            Problem: 503 if that cannot be written: an answer that nobody could account for is not given.
        """
        if self._audit is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        state = request.state
        entry = AuditEntry(now, state.number, state.caller, verb, tuple(getattr(state, "about", ())), status)
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._audit.write, entry)
        except OSError as error:
            raise Problem(503, "the audit log cannot be written, so nothing is answered; see to its disk") from error

    def _count(self, who: str) -> None:
        if not self._limiter.hit(self._rate, who):
            again = max(1, math.ceil(self._limiter.get_window_stats(self._rate, who).reset_time - time.time()))
            raise Problem(
                429,
                f"expected at most {self.bounds.rate} requests, got more; come back in {again} s",
                {"Retry-After": str(again)},
            )


class GatedRoute(APIRoute):
    """A verb behind the gate; declare it with `openapi_extra=needs(...)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()
        terms = self.openapi_extra or {}
        role, audited, verb = terms[_NEEDS], terms[_AUDITED], self.name
        fields = [field.alias for field in self.dependant.body_params]

        async def gated(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            status = 500
            try:
                gate.admit(request, role)
                # What brings no pictures is let through even then: measures are wanted most while all is full.
                with gate.place() if fields else nullcontext():
                    bounded = BoundedRequest(request, gate.bounds, fields)
                    response = await _in_time(answer(bounded), gate.bounds.seconds)
                status = response.status_code
                return response
            except HTTPException as error:
                status = error.status_code
                raise
            except RequestValidationError:
                status = 422
                raise
            finally:
                # Who asks too often is not given a write to the disk for each time.
                if audited and status != 429 and hasattr(request.state, "caller"):
                    await gate.note(request, verb, status)

        return gated


async def _in_time(answer: Awaitable[Response], seconds: float) -> Response:
    try:
        return await asyncio.wait_for(answer, seconds)
    except TimeoutError as error:
        raise Problem(
            504, f"the answer took longer than {seconds:g} s and was given up; try smaller pictures"
        ) from error


def _refusal(role: str, caller: Caller) -> str:
    if role == "restore":
        return (
            "restoring is off here, or not for this caller; it needs a system that restores, `miais serve "
            "--allow-restore` and, where there are keys, one with the role restore"
        )
    return (
        f"expected a caller with the role {role}, got {caller.name!r} with {', '.join(sorted(caller.roles)) or 'none'}"
    )
