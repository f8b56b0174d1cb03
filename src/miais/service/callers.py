"""Who asks, and what they may do."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["hide", "recognise", "restore", "admin", "metrics"]


@dataclass(frozen=True)
class Caller:
    """Who sent a request.

    Attributes:
        name: Of the access key, or "local" where none is needed.
        roles: What this caller may do.
    """

    name: str
    roles: frozenset[Role]
