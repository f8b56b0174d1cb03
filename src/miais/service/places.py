"""Room for so many requests at once; a place is taken until nobody works for its request any more."""

import math
import time
from collections.abc import Callable
from contextvars import ContextVar

from miais.service.gauges import Gauges
from miais.service.problems import Problem


class Place:
    """One request's place.

    A thread goes on though its request has run out of time, so the place is let go by whoever has it last.

    Args:
        free: Called then.
    """

    def __init__(self, free: Callable[[], None]) -> None:
        self._free, self._holders = free, 1

    def hold(self) -> None:
        """Say that somebody more works for the request."""
        self._holders += 1

    def let_go(self) -> None:
        """Say that one of them has done."""
        self._holders -= 1
        if self._holders == 0:
            self._free()


THIS_PLACE: ContextVar[Place] = ContextVar("place")
"""Of the request that is in work here; unset where it needs none."""


def hold_place() -> Callable[[], None]:
    """Hold the place of the request that is in work here.

    Returns:
        What lets go of it, to be called once, in the event loop.
    """
    place = THIS_PLACE.get(None)
    if place is None:
        return lambda: None
    place.hold()
    return place.let_go


class Places:
    """All places. Used in the event loop alone.

    Args:
        most: How many.
        gauges: Told what is taken.
    """

    def __init__(self, most: int, gauges: Gauges) -> None:
        self._most, self._gauges = most, gauges
        self._taken, self._typical_seconds = 0, 1.0

    @property
    def full(self) -> bool:
        """Whether the next request would be sent away."""
        return self._taken >= self._most

    def take(self) -> Place:
        """Take a place.

        Raises:
            Problem: 503 if none is free.
        """
        if self.full:
            self._gauges.refused.inc()
            seconds = max(1, math.ceil(self._typical_seconds))
            raise Problem(
                503,
                f"{self._taken} requests are in work, as many as this service takes; come back in {seconds} s",
                {"Retry-After": str(seconds)},
            )
        self._taken += 1
        self._gauges.in_work.inc()
        began = time.monotonic()
        return Place(lambda: self._free(time.monotonic() - began))

    def _free(self, seconds: float) -> None:
        self._taken -= 1
        self._gauges.in_work.dec()
        self._typical_seconds += 0.1 * (seconds - self._typical_seconds)
