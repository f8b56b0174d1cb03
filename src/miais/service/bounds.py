"""What bounds the service: sizes, time, how much it takes on at once."""

import math
from dataclasses import dataclass

from miais.image_limits import MAX_PIXELS
from miais.service.rate import parse_rate


@dataclass(frozen=True)
class Bounds:
    """Limits of one service.

    Attributes:
        upload_bytes: Largest body of a request.
        pixels: Most pixels of one picture, and of the pictures that the networks see at once.
        waiting: Requests that are in work at once; one more is told to come back later.
        rate: How often one caller may ask, as `limits` reads it: "600/minute".
        seconds: Longest time from a request to its answer; half of it is for the body to arrive.
        batch: Most requests that the networks answer at once.
        gathering_seconds: How long the first of a batch waits for others of its kind.

    Raises:
        ValueError: If a limit is not positive, or above what `image.py` reads, or the rate cannot be read or is 0.
    """

    upload_bytes: int = 16 * 2**20
    pixels: int = 4_000_000
    waiting: int = 16
    rate: str = "600/minute"
    seconds: float = 30.0
    batch: int = 8
    gathering_seconds: float = 0.004

    def __post_init__(self) -> None:
        for name in ("upload_bytes", "pixels", "waiting", "seconds", "batch"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"expected a positive number as {name}, got {getattr(self, name)}")
        if self.pixels > MAX_PIXELS:
            raise ValueError(f"expected at most {MAX_PIXELS} pixels, got {self.pixels}")
        parse_rate(self.rate)

    @property
    def upload_seconds(self) -> float:
        """Longest time for the body of a request to arrive."""
        return self.seconds / 2
