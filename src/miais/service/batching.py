"""Concurrent requests of one kind go through the networks together."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from miais.service.bounds import Bounds
from miais.service.places import THIS_PLACE, Place

_log = logging.getLogger("miais.service")


@dataclass(frozen=True)
class Work:
    """Something that the networks do.

    Attributes:
        do: Takes a batch for each of its arguments, shape (N, 3, H, W), gives N answers.
        largest: Most requests that it may be done for at once.
    """

    do: Callable[..., Sequence[Any] | Tensor]
    largest: int


@dataclass(eq=False)
class _Job:
    work: str
    pictures: tuple[Tensor, ...]
    place: Place | None = field(default_factory=lambda: THIS_PLACE.get(None))
    answer: "asyncio.Future[Any]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def kind(self) -> tuple[object, ...]:
        """Jobs of one kind can be joined: the same work on pictures of the same sizes."""
        return self.work, *(picture.shape for picture in self.pictures)

    @property
    def pixels(self) -> int:
        """Of its largest picture."""
        return max(picture[0].numel() for picture in self.pictures)


class Batcher:
    """Joins jobs of one kind and works on one batch after another, outside the event loop.

    The first job of a batch waits a few milliseconds for others; what arrives while a batch is in work waits anyway.
    A job whose caller has given up is dropped, unless its batch has begun. Large pictures are joined only as far as
    together they do not exceed the largest that is allowed, so that a batch takes no more memory than that one.

    Args:
        works: What can be asked, by name.
        executor: Where it is done; with one thread, so that batches do not fight for the cores.
        bounds: How long the first waits, and how many pixels a batch has.
        saw: Told the name and size of each batch.
    """

    def __init__(
        self, works: Mapping[str, Work], executor: Executor, bounds: Bounds, saw: Callable[[str, int], None]
    ) -> None:
        self._works, self._executor, self._bounds, self._saw = works, executor, bounds, saw
        self._waiting: list[_Job] = []
        self._batch: list[_Job] = []
        self._arrived = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())
        self._task.add_done_callback(self._end)

    @property
    def ended(self) -> bool:
        """Whether nothing that is asked will be answered any more."""
        return self._task.done()

    async def ask(self, work: str, *pictures: Tensor) -> Any:
        """Wait for the answer to one job.

        Args:
            work: Name of the work.
            pictures: One for each of its arguments, shape (3, H, W).

        Raises:
            ValueError: What the work says of these pictures.
            RuntimeError: If nothing is answered any more.
        """
        if self.ended:
            raise RuntimeError("nothing is joined any more; the log says why")
        job = _Job(work, pictures)
        self._waiting.append(job)
        self._arrived.set()
        return await job.answer

    async def close(self) -> None:
        """Stop, once nobody waits any more."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            await asyncio.sleep(self._bounds.gathering_seconds)
            self._batch = self._next_batch()
            if self._batch:
                self._saw(self._batch[0].work, len(self._batch))
                places = [job.place for job in self._batch if job.place is not None]
                for place in places:  # what is begun goes on, though its caller may give up
                    place.hold()
                await self._answer(self._batch)
                for place in places:
                    place.let_go()

    def _next_batch(self) -> list[_Job]:
        """Take the oldest job and the next ones of its kind."""
        waiting = [job for job in self._waiting if not job.answer.done()]  # others have been given up
        batch = [job for job in waiting if job.kind == waiting[0].kind]
        if batch:
            fitting = max(1, self._bounds.pixels // batch[0].pixels)
            batch = batch[: min(self._works[batch[0].work].largest, fitting)]
        self._waiting = [job for job in waiting if job not in batch]
        if not self._waiting:
            self._arrived.clear()
        return batch

    async def _answer(self, batch: Sequence[_Job]) -> None:
        do, pictures = self._works[batch[0].work].do, [job.pictures for job in batch]
        done = asyncio.get_running_loop().run_in_executor(
            self._executor, lambda: do(*(torch.stack(sides) for sides in zip(*pictures, strict=True)))
        )
        await asyncio.wait({done})
        error = done.exception()
        if error is not None and len(batch) > 1:  # one of them may be to blame: each for itself
            for job in batch:
                await self._answer([job])
            return
        for place, job in enumerate(batch):
            if job.answer.done():
                continue
            if error is None:
                job.answer.set_result(done.result()[place])
            else:
                job.answer.set_exception(error)

    def _end(self, task: "asyncio.Task[None]") -> None:
        """Let nobody wait for a task that has failed."""
        if task.cancelled() or task.exception() is None:
            return
        _log.error("joining requests has failed", exc_info=task.exception())
        for job in (*self._batch, *self._waiting):
            if not job.answer.done():
                job.answer.set_exception(RuntimeError("joining requests has failed"))
