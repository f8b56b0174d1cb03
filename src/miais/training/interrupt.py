"""Ctrl-C in the middle of training."""

import signal
from types import FrameType
from typing import Any, Self


class InterruptFlag:
    """Turns the first Ctrl-C into a flag, so that a step is never cut in half; the second one stops at once."""

    def __init__(self) -> None:
        self.raised = False
        self._previous: Any = None

    def __enter__(self) -> Self:
        self._previous = signal.getsignal(signal.SIGINT)
        try:
            signal.signal(signal.SIGINT, self._handle)
        except ValueError:  # not the main thread: whoever owns it handles Ctrl-C
            self._previous = None
        return self

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.raised:
            raise KeyboardInterrupt
        self.raised = True

    def __exit__(self, *error: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
