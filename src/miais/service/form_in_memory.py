"""Requests whose uploads stay in memory: no face touches the disk on its way to the networks."""

from collections.abc import AsyncGenerator
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Receive, Scope

from miais.service.problems import Problem

_MAX_FIELDS = 32
_MAX_FIELD_BYTES = 64 * 1024


class _Parser(MultiPartParser):
    # Files above this size would go to the disk; no request may be as large.
    spool_max_size = 2**40


class BoundedRequest(Request):
    """A request with a body of limited size, whose files are kept in memory.

    Args:
        scope: As ASGI has it.
        receive: As ASGI has it.
        max_bytes: Largest body.

    Raises:
        Problem: 413, at once where the header announces a larger body, else while reading it.
    """

    def __init__(self, scope: Scope, receive: Receive, max_bytes: int) -> None:
        super().__init__(scope, receive)
        self._max_bytes = max_bytes
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > max_bytes:
            raise self._too_large()

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body, as far as it may go."""
        read = 0
        async for chunk in super().stream():
            read += len(chunk)
            if read > self._max_bytes:
                raise self._too_large()
            yield chunk

    async def form(self, **_: Any) -> FormData:  # type: ignore[override]  # awaited by FastAPI, never a context
        """Read a multipart form.

        Raises:
            Problem: 400 if it is broken.
        """
        if not self.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            return FormData()  # every field is missing, which the answer says
        parser = _Parser(
            self.headers, self.stream(), max_files=_MAX_FIELDS, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD_BYTES
        )
        try:
            return await parser.parse()
        except MultiPartException as error:
            raise Problem(400, f"expected a multipart form: {error.message}") from error

    def _too_large(self) -> Problem:
        return Problem(
            413,
            f"expected at most {self._max_bytes / 2**20:g} MiB in one request, got more; reduce the pictures",
            {"Connection": "close"},
        )
