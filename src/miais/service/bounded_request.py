"""Requests whose uploads are bounded and stay in memory: no face touches the disk on its way to the networks."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from miais.service.bounds import Bounds
from miais.service.problems import Problem

_MAX_FIELDS = 32
_MAX_FIELD_BYTES = 64 * 1024


class _Parser(MultiPartParser):
    # Files above this size would go to the disk; no request may be as large.
    spool_max_size = 2**40


class BoundedRequest(Request):
    """A request whose body is bounded in size and time, and whose files are kept in memory.

    Args:
        request: As it came.
        bounds: Of the service.
        fields: Names that its form may have, and whether a name may come more than once.

    Raises:
        Problem: 413, at once where the header announces too large a body, else while reading it.
    """

    def __init__(self, request: Request, bounds: Bounds, fields: Mapping[str, bool]) -> None:
        super().__init__(request.scope, request.receive)
        self._bounds, self._fields = bounds, fields
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > bounds.upload_bytes:
            raise self._too_large()

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body, as far as it may go."""
        read = 0
        async for chunk in super().stream():
            read += len(chunk)
            if read > self._bounds.upload_bytes:
                raise self._too_large()
            yield chunk

    async def form(self, **_: Any) -> FormData:  # type: ignore[override]  # awaited by FastAPI, never a context
        """Read a multipart form.

        Raises:
            Problem: 415 if it is something else, 400 if it is broken, 408 if it comes too slowly, 422 if it has a field
                that nothing reads (a misspelt `crop_face` would be ignored, and more hidden than was meant), or twice
                one that takes one value.
        """
        kind = self.headers.get("content-type", "nothing")
        if not kind.lower().startswith("multipart/form-data"):
            raise Problem(415, f"expected a multipart form (multipart/form-data), got {kind[:100]}")
        parser = _Parser(
            self.headers, self.stream(), max_files=_MAX_FIELDS, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD_BYTES
        )
        try:
            form = await asyncio.wait_for(parser.parse(), self._bounds.upload_seconds)
        except MultiPartException as error:
            raise Problem(400, f"expected a multipart form: {error.message}") from error
        except TimeoutError as error:
            raise Problem(
                408, f"expected the pictures within {self._bounds.upload_seconds:g} s; send smaller ones"
            ) from error
        fault = self._fault(form)
        if fault is not None:
            await form.close()
            raise Problem(422, fault)
        return form

    def _fault(self, form: FormData) -> str | None:
        names = [name for name, _ in form.multi_items()]
        unknown = sorted(set(names) - set(self._fields))
        if unknown:
            return f"expected the fields {', '.join(self._fields)}, got {', '.join(unknown)[:100]}"
        for name, repeated in self._fields.items():
            if names.count(name) > 1 and not repeated:
                return f"{name}: expected one value, got {names.count(name)}"
        return None

    def _too_large(self) -> Problem:
        most = self._bounds.upload_bytes / 2**20
        return Problem(413, f"expected at most {most:g} MiB in one request, got more; reduce the pictures")
