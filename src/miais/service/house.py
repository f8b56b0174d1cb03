"""What the service works with: one system, one gallery, and the few threads that use them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import torch
from torch import Tensor

from miais.framing import CascadeFinder, FaceFinder, NoFaceError, frame_face
from miais.gallery.gallery import Gallery
from miais.service.answers import Box
from miais.service.batching import Batcher
from miais.service.gauges import Gauges
from miais.service.problems import Problem
from miais.service.settings import Bounds
from miais.service.works import Measured, works_of
from miais.system import StegoSystem

Answer = TypeVar("Answer")


class House:
    """Does the work of the service outside its event loop.

    Each kind of work has threads of its own, as many for as long as the service runs: networks (one thread, which takes
    batches), reading pictures (one), finding faces (one), writing and examining pictures (two), the gallery (two).

    Args:
        system: Hides, recognises, perhaps restores.
        gallery: Of embeddings that this system made.
        bounds: Of the service.
        gauges: Told of batches.
    """

    def __init__(self, system: StegoSystem, gallery: Gallery, bounds: Bounds, gauges: Gauges) -> None:
        self.system, self.gallery = system, gallery
        self._bounds, self._gauges = bounds, gauges
        self._networks = ThreadPoolExecutor(1, "networks")
        self._reading = ThreadPoolExecutor(1, "reading", _one_core)
        self._writing = ThreadPoolExecutor(2, "writing", _one_core)
        self._finding = ThreadPoolExecutor(1, "faces", _one_core)
        self._shelves = ThreadPoolExecutor(2, "gallery", _one_core)
        self._finder: FaceFinder | None = None
        self._batcher: Batcher | None = None

    def open(self) -> None:
        """Begin to work, in the event loop that runs now."""
        bounds = self._bounds
        self._batcher = Batcher(
            works_of(self.system),
            self._networks,
            largest=bounds.batch,
            gathering_seconds=bounds.gathering_seconds,
            saw=lambda work, size: self._gauges.batches.labels(work).observe(size),
        )

    async def close(self) -> None:
        """Finish what was begun, and let threads and gallery go."""
        if self._batcher is not None:
            await self._batcher.close()
            self._batcher = None
        for executor in (self._networks, self._reading, self._finding, self._writing, self._shelves):
            executor.shutdown(wait=True)
        self.gallery.close()

    @property
    def is_open(self) -> bool:
        """Whether it works."""
        return self._batcher is not None

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
            Problem: 422 if the system cannot use the picture.
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

    async def find_face(self, photograph: Tensor) -> tuple[Tensor, Box]:
        """Cut a photograph, shape (3, H, W), to its largest face.

        Returns:
            The face, shape (3, S, S), and where it was.

        Raises:
            Problem: 422 if no face is found, or no finder is installed.
        """
        return await asyncio.get_running_loop().run_in_executor(self._finding, self._framed, photograph)

    async def read(self, work: Callable[[], Answer]) -> Answer:
        """Do what makes a tensor of a file, one request after another."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, work)

    async def write(self, work: Callable[[], Answer]) -> Answer:
        """Do what makes a file, or an opinion, of a tensor."""
        return await asyncio.get_running_loop().run_in_executor(self._writing, work)

    async def look_up(self, work: Callable[[], Answer]) -> Answer:
        """Do what takes the gallery."""
        return await asyncio.get_running_loop().run_in_executor(self._shelves, work)

    def _framed(self, photograph: Tensor) -> tuple[Tensor, Box]:
        try:
            self._finder = self._finder or CascadeFinder()
            framed = frame_face(photograph, self._finder)
        except (NoFaceError, ModuleNotFoundError) as error:
            raise Problem(422, f"secret: {error}") from error
        left, top, width, height = (round(length) for length in framed.box)
        return framed.image, Box(left=left, top=top, width=width, height=height)

    async def _ask(self, work: str, *pictures: Tensor) -> Any:
        if self._batcher is None:
            raise RuntimeError("open the house before asking it")
        try:
            return await self._batcher.ask(work, *pictures)
        except ValueError as error:
            raise Problem(422, str(error)) from error


def _one_core() -> None:
    # The networks' thread has all cores; another team of threads for each of the others would fight it for them.
    torch.set_num_threads(1)
