"""How fast a run goes, and how much of its time it waits for data."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Pace:
    """Counts images and seconds; validation and saving are left out.

    Attributes:
        images: Trained on so far.
        working: Seconds of training steps.
        waiting: Seconds between asking for a batch and having it.
    """

    def __init__(self) -> None:
        self.images, self.working, self.waiting = 0, 0.0, 0.0

    def awaited(self, batches: Iterable[T]) -> Iterator[T]:
        """Yield the batches, and count the time that each is waited for."""
        iterator = iter(batches)
        while True:
            asked = time.monotonic()
            try:
                batch = next(iterator)
            except StopIteration:
                return
            self.waiting += time.monotonic() - asked
            yield batch

    @contextmanager
    def step(self, images: int) -> Iterator[None]:
        """Count a step on so many images."""
        started = time.monotonic()
        yield
        self.images += images
        self.working += time.monotonic() - started

    @property
    def images_per_second(self) -> float:
        """Of the steps alone; 0 before the first."""
        return self.images / self.working if self.working else 0.0

    @property
    def waiting_share(self) -> float:
        """Of the time of steps and waiting, in [0, 1]; 0 before the first batch."""
        both = self.waiting + self.working
        return self.waiting / both if both else 0.0
