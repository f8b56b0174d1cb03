"""What the service works with: one system, one gallery, and the few threads that use them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor

from miais.containers import embed_containers
from miais.framing import CascadeFinder, FaceFinder, Framed, NoFaceError, frame_face
from miais.gallery.gallery import Gallery
from miais.image import Picture
from miais.service.batching import Batcher, Work
from miais.service.bounds import Bounds
from miais.service.gauges import Gauges
from miais.service.measured import Measured, hide_measured
from miais.service.pictures import read_upload
from miais.service.problems import Problem
from miais.system import StegoSystem

Answer = TypeVar("Answer")


class Workshop:
    """Does the work of the service outside its event loop.

    Three kinds of work have threads of their own, as many for as long as the service runs: networks, one thread, which
    takes batches; finding faces, one, since it takes a second or two; and files, measures and the gallery, four.

    Args:
        system: Hides, recognises, perhaps restores.
        gallery: Of embeddings that this system made.
        bounds: Of the service.
        gauges: Told of batches.
    """

    def __init__(self, system: StegoSystem, gallery: Gallery, bounds: Bounds, gauges: Gauges) -> None:
        self.system, self.gallery = system, gallery
        self._bounds, self._gauges = bounds, gauges
        # The networks have all cores; a team of threads for each of the others would fight them for it. Every thread
        # says so itself: one that does not takes on what another has said.
        self._networks = _threads("networks", 1, cores=torch.get_num_threads())
        self._faces = _threads("faces", 1, cores=1)
        self._rest = _threads("rest", 4, cores=1)
        self._finder: FaceFinder | None = None
        self._batcher: Batcher | None = None

    def open(self) -> None:
        """Begin to work, in the event loop that runs now."""
        works = {
            "hide": Work(self._hide, largest=1),
            "embed": Work(partial(embed_containers, self.system), self._bounds.batch),
            "restore": Work(self.system.restore, self._bounds.batch),
        }
        batches = self._gauges.batches
        self._batcher = Batcher(
            works, self._networks, self._bounds, saw=lambda work, size: batches.labels(work).observe(size)
        )

    async def close(self) -> None:
        """Finish what was begun, and let threads and gallery go."""
        if self._batcher is not None:
            await self._batcher.close()
            self._batcher = None
        for executor in (self._networks, self._faces, self._rest):
            executor.shutdown()
        self.gallery.close()

    @property
    def is_open(self) -> bool:
        """Whether it works."""
        return self._batcher is not None

    async def read(self, data: bytes, field: str) -> Picture:
        """Read a picture that somebody sent in a field of a form.

        Raises:
            Problem: 422 if it cannot be used.
        """
        return await _in(self._rest, lambda: read_upload(data, field, self._bounds.pixels))

    async def hide(self, secret: Tensor, cover: Tensor) -> Measured:
        """Hide a secret, shape (3, S, S), in a cover and measure the container.

        Raises:
            Problem: 422 if the system cannot use the pictures.
        """
        measured: Measured = await self._ask("hide", secret, cover)
        return measured

    async def embed(self, container: Tensor) -> Tensor:
        """Describe the person hidden in a container: a unit vector, shape (D,).

        Raises:
            Problem: 422 if nothing is hidden in the picture, or the system cannot use it.
        """
        embedding: Tensor = await self._ask("embed", container)
        return embedding

    async def restore(self, container: Tensor) -> Tensor:
        """Restore the secret, shape (3, S, S).

        Raises:
            Problem: 422 if the system cannot use the picture, or does not restore.
        """
        restored: Tensor = await self._ask("restore", container)
        return restored

    async def find_face(self, photograph: Tensor) -> Framed:
        """Cut a photograph, shape (3, H, W), to its largest face.

        Raises:
            Problem: 422 if no face is found.
        """
        return await _in(self._faces, lambda: self._framed(photograph))

    async def do(self, work: Callable[[], Answer]) -> Answer:
        """Do what takes neither networks nor faces."""
        return await _in(self._rest, work)

    def _hide(self, secrets: Tensor, covers: Tensor) -> list[Measured]:
        # One at a time: a container's nonce is drawn from its picture to the last bit, and networks round a batch
        # otherwise. What comes out must not depend on who else asks.
        return [hide_measured(self.system, *pair) for pair in zip(secrets, covers, strict=True)]

    def _framed(self, photograph: Tensor) -> Framed:
        self._finder = self._finder or CascadeFinder()
        try:
            return frame_face(photograph, self._finder)
        except NoFaceError as error:
            raise Problem(422, f"secret: {error}") from error

    async def _ask(self, work: str, *pictures: Tensor) -> Any:
        if self._batcher is None:
            raise RuntimeError("open the workshop before asking it")
        try:
            return await self._batcher.ask(work, *pictures)
        except ValueError as error:
            raise Problem(422, str(error)) from error


def _threads(name: str, number: int, cores: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(number, name, initializer=torch.set_num_threads, initargs=(cores,))


async def _in(executor: Executor, work: Callable[[], Answer]) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(executor, work)
