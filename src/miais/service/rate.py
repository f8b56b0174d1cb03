"""How often a caller may ask."""

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from miais.service.problems import Problem

_NOBODY = "no key"


class Rate:
    """Counts what each caller asks.

    Whoever has no key, or a wrong one, is counted together with all others of that kind, whatever their addresses:
    those are free to choose (IPv6, `X-Forwarded-For`), and what was counted once is never quite forgotten. So there are
    as many counts as keys, and one more.

    Args:
        most: As `limits` reads it: "600/minute".
    """

    def __init__(self, most: str) -> None:
        self._most, self._rate = most, parse_rate(most)
        self.storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self.storage)

    def count_caller(self, name: str) -> None:
        """Count a request of somebody who is let in.

        Raises:
            Problem: 429 if it is one too many.
        """
        self._count(f"caller {name}")

    def count_nobody(self) -> None:
        """Count a request of somebody who is not let in.

        Raises:
            Problem: 429 if it is one too many of them all.
        """
        self._count(_NOBODY)

    def _count(self, who: str) -> None:
        if not self._limiter.hit(self._rate, who):
            again = max(1, math.ceil(self._limiter.get_window_stats(self._rate, who).reset_time - time.time()))
            raise Problem(
                429,
                f"expected at most {self._most} requests, got more; come back in {again} s",
                {"Retry-After": str(again)},
            )


def parse_rate(most: str) -> RateLimitItem:
    """Read a rate.

    Raises:
        ValueError: If it is none, or lets nobody in.
    """
    try:
        rate = parse(most)
    except ValueError as error:
        raise ValueError(f"expected a rate such as 600/minute, got {most!r}") from error
    if rate.amount < 1:
        raise ValueError(f"expected a rate of 1 request or more, such as 600/minute, got {most!r}")
    return rate
