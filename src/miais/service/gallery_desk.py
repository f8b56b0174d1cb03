"""The gallery, asked in threads of its own: those that read pictures do not wait for a database that is away."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from miais.gallery.gallery import Gallery
from miais.service.problems import Problem
from miais.service.threads import in_thread, make_threads, to_its_end

Answer = TypeVar("Answer")
_log = logging.getLogger("miais.service")
_THREADS, _LATER = 4, 10
_FRESH, _PATIENCE = 1.0, 2.0  # seconds


class GalleryDesk:
    """Asks one gallery and changes it.

    Args:
        gallery: Of embeddings that one system made; closed with the desk.
    """

    def __init__(self, gallery: Gallery) -> None:
        self.gallery = gallery
        self._threads = make_threads("gallery", _THREADS, cores=1)
        self._glance: asyncio.Task[int | None] | None = None
        self._glanced = 0.0

    async def ask(self, question: Callable[[Gallery], Answer]) -> Answer:
        """Ask the gallery something.

        Raises:
            Problem: 503 if its database is away.
        """
        return await _of_database(in_thread(self._threads, lambda: question(self.gallery)), "come back")

    async def change(self, change: Callable[[Gallery], Answer]) -> Answer:
        """Change the gallery; once that has begun it is waited for, beyond the time that an answer has.

        Raises:
            Problem: 503 if its database is away.
        """
        advice = "see GET /people for whether the change was made, once it is back; come back"
        return await _of_database(to_its_end(self._threads, lambda: change(self.gallery)), advice)

    async def glance(self) -> int | None:
        """Count the people, or those of a second ago: the gallery is asked no oftener, however many want to know.

        Returns:
            How many; None while the gallery does not answer.
        """
        now = time.monotonic()
        if self._glance is None or (self._glance.done() and now - self._glanced >= _FRESH):
            self._glanced, self._glance = now, asyncio.create_task(self._count())
        glance = self._glance
        done, _ = await asyncio.wait({glance}, timeout=_PATIENCE)
        return glance.result() if done else None

    async def close(self) -> None:
        """Finish what was begun, and let threads and gallery go."""
        self._threads.shutdown()
        self.gallery.close()

    async def _count(self) -> int | None:
        try:
            return await self.ask(len)
        except Problem:
            return None


async def _of_database(answer: Awaitable[Answer], advice: str) -> Answer:
    try:
        return await answer
    except ConnectionError as error:
        # Its text has what was asked, and so names of people.
        _log.error("the gallery cannot be reached: %s", type(error.__cause__ or error).__name__)
        detail = f"the gallery cannot be reached or refuses; {advice} in {_LATER} s"
        raise Problem(503, detail, {"Retry-After": str(_LATER)}) from error
