"""What a request passes before anything of its body is read: who asks, may they, how often, is there room."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import Request

from miais.service.access import Access
from miais.service.audit import BEGUN, AuditEntry, AuditLog
from miais.service.bounds import Bounds
from miais.service.callers import Caller, Role
from miais.service.gauges import Gauges
from miais.service.places import Place, Places
from miais.service.problems import Problem
from miais.service.rate import Rate

ROLES, AUDITED, QUEUED = "x-roles", "x-audited", "x-queued"


def needs(*roles: Role, audited: bool = True, queued: bool = True) -> dict[str, Any]:
    """Say what a verb asks of its caller; goes into OpenAPI too.

    Args:
        roles: Of which the caller must have one; none for whoever is let in.
        audited: Whether the audit log keeps each request.
        queued: Whether it takes a place among the requests in work, and is sent away where there is none.
    """
    return {ROLES: list(roles), AUDITED: audited, QUEUED: queued}


class Gate:
    """Lets requests in, or says why not.

    Args:
        access: Says who a caller is.
        bounds: How much is let in.
        gauges: Told what is in work.
        audit: Told who asked what; None to keep no such log.
    """

    def __init__(self, access: Access, bounds: Bounds, gauges: Gauges, audit: AuditLog | None) -> None:
        self.access, self.bounds, self._audit = access, bounds, audit
        self._rate, self._places = Rate(bounds.rate), Places(bounds.waiting, gauges)

    @property
    def full(self) -> bool:
        """Whether the next request would be sent away."""
        return self._places.full

    def admit(self, request: Request, roles: list[Role]) -> None:
        """Let a request in, if its caller may do this now, and write the caller's name on it.

        Raises:
            Problem: 401, 403 or 429; 503 if the keys cannot be read.
        """
        try:
            caller = self.access.caller(request.headers.get("authorization"))
        except Problem:
            self._rate.count_nobody()  # those who try keys slow each other down, and nobody who has one
            raise
        request.state.caller = caller.name
        self._rate.count_caller(caller.name)
        if roles and not caller.roles.intersection(roles):
            raise Problem(403, _refusal(roles, caller))

    def take_place(self) -> Place:
        """Take one of the places for requests in work.

        Raises:
            Problem: 503 if none is free.
        """
        return self._places.take()

    async def note(self, request: Request, status: int | Literal["begun"] = BEGUN) -> None:
        """Keep in the audit log what was asked, and how it ended or that it is about to change something.

        Raises:
            Problem: 503 if that cannot be written: nothing is changed or answered that nobody could account for.
        """
        if self._audit is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        state, verb = request.state, request.scope["route"].name
        entry = AuditEntry(now, state.number, state.caller, verb, tuple(getattr(state, "about", ())), status)
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._audit.write, entry)
        except OSError as error:
            done = "changed" if status == BEGUN else "answered"
            raise Problem(503, f"the audit log cannot be written, so nothing is {done}; see to its disk") from error


def _refusal(roles: list[Role], caller: Caller) -> str:
    if "restore" in roles:
        return (
            "restoring is off here, or not for this caller; it needs a system that restores, `miais serve "
            "--allow-restore` and, where there are keys, one with the role restore"
        )
    has = ", ".join(sorted(caller.roles)) or "none"
    return f"expected a caller with the role {' or '.join(roles)}, got {caller.name!r} with {has}"
