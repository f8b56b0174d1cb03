"""A verb behind the gate: let in, put in its place, answered in time, and kept in the audit log."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, get_origin

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from miais.service.bounded_request import BoundedRequest
from miais.service.gate import AUDITED, QUEUED, ROLES, Gate
from miais.service.places import THIS_PLACE
from miais.service.problems import Problem


class GatedRoute(APIRoute):
    """A verb behind the gate; declare it with `openapi_extra=needs(...)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()
        terms = self.openapi_extra or {}
        roles, audited, queued = terms[ROLES], terms[AUDITED], terms[QUEUED]
        body = self.dependant.body_params
        fields = {field.alias: get_origin(field.field_info.annotation) is list for field in body}

        async def gated(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            status = 500
            try:
                gate.admit(request, roles)
                with _place(gate) if queued else nullcontext():
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
                    await gate.note(request, status)

        return gated


@contextmanager
def _place(gate: Gate) -> Iterator[None]:
    place = gate.take_place()
    before = THIS_PLACE.set(place)
    try:
        yield
    finally:
        THIS_PLACE.reset(before)
        place.let_go()


async def _in_time(answer: Awaitable[Response], seconds: float) -> Response:
    try:
        return await asyncio.wait_for(answer, seconds)
    except TimeoutError as error:
        raise Problem(
            504, f"the answer took longer than {seconds:g} s and was given up; try smaller pictures"
        ) from error
