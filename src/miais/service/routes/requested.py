"""What every verb gets besides its form: the house it works in, and whom it is about."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from miais.service.gate import Gate
from miais.service.house import House

key = Depends(HTTPBearer(auto_error=False, description="An access key, where the service needs one."))
"""Only for OpenAPI: the gate itself reads the header, before the body."""


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _gate(request: Request) -> Gate:
    gate: Gate = request.app.state.gate
    return gate


InHouse = Annotated[House, Depends(_house)]
AtGate = Annotated[Gate, Depends(_gate)]


def about(request: Request, *people: str | None) -> None:
    """Tell the audit log whom a request is about."""
    request.state.about = [person for person in people if person is not None]


def prefers_json(request: Request) -> bool:
    """Whether the caller asks for JSON rather than a PNG."""
    wanted = request.headers.get("accept", "").lower()
    json, png = wanted.find("application/json"), wanted.find("image/png")
    return json >= 0 and (png < 0 or json < png)
