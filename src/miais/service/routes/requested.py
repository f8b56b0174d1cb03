"""What every verb gets besides its form: the workshop it works in, and whom it is about."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from miais.service.gate import Gate
from miais.service.workshop import Workshop

key = Depends(HTTPBearer(auto_error=False, description="An access key, where the service needs one."))
"""Only for OpenAPI: the gate itself reads the header, before the body."""


def _workshop(request: Request) -> Workshop:
    workshop: Workshop = request.app.state.workshop
    return workshop


def _gate(request: Request) -> Gate:
    gate: Gate = request.app.state.gate
    return gate


InWorkshop = Annotated[Workshop, Depends(_workshop)]
AtGate = Annotated[Gate, Depends(_gate)]


def about(request: Request, *people: str) -> None:
    """Tell the audit log whom a request is about."""
    request.state.about = people


def prefers_json(request: Request) -> bool:
    """Whether the caller asks for JSON rather than a PNG."""
    wanted = request.headers.get("accept", "").lower()
    json, png = wanted.find("application/json"), wanted.find("image/png")
    return json >= 0 and (png < 0 or json < png)
