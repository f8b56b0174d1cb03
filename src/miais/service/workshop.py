"""What the service works with: one system, one gallery, and the few threads that use them."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor

from miais.containers import NothingHiddenError, embed_containers, restore_container
from miais.framing import CascadeFinder, FaceFinder, Framed, NoFaceError, frame_face
from miais.gallery.gallery import Gallery
from miais.image import Picture
from miais.service.batching import Batcher, Work
from miais.service.bounds import Bounds
from miais.service.gallery_desk import GalleryDesk
from miais.service.gauges import Gauges
from miais.service.measured import Measured, hide_measured
from miais.service.pictures import read_upload
from miais.service.problems import Problem
from miais.service.threads import in_thread, make_threads
from miais.system import StegoSystem

Answer = TypeVar("Answer")


class Workshop:
    """Does the work of the service outside its event loop.

    Four kinds of work have threads of their own, as many for as long as the service runs: networks, one thread, which
    takes batches; finding faces, one, since it takes a second or two; the gallery, see `GalleryDesk`; and files and
    measures, four.

    Args:
        system: Hides, recognises, perhaps restores.
        gallery: Of embeddings that this system made.
        bounds: Of the service.
        gauges: Told of batches.
    """

    def __init__(self, system: StegoSystem, gallery: Gallery, bounds: Bounds, gauges: Gauges) -> None:
        self.system, self.gallery = system, GalleryDesk(gallery)
        self._bounds, self._gauges = bounds, gauges
        # The networks have all cores; a team of threads for each of the others would fight them for it. Every thread
        # says so itself: one that does not takes on what another has said.
        self._networks = make_threads("networks", 1, cores=torch.get_num_threads())
        self._faces = make_threads("faces", 1, cores=1)
        self._rest = make_threads("rest", 4, cores=1)
        self._finder: FaceFinder | None = None
        self._batcher: Batcher | None = None

    def open(self) -> None:
        """Begin to work, in the event loop that runs now."""
        works = {
            "hide": Work(self._hide, largest=1),
            "embed": Work(partial(embed_containers, self.system), self._bounds.batch),
            "restore": Work(partial(restore_container, self.system), self._bounds.batch),
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
        await self.gallery.close()

    @property
    def is_open(self) -> bool:
        """Whether it works."""
        return self._batcher is not None and not self._batcher.ended

    async def read(self, data: bytes, field: str) -> Picture:
        """Read a picture that somebody sent in a field of a form.

        Raises:
            Problem: 422 if it cannot be used.
        """
        return await in_thread(self._rest, lambda: read_upload(data, field, self._bounds.pixels))

    async def hide(self, secret: Tensor, cover: Tensor) -> Measured:
        """Hide a secret, shape (3, S, S), in a cover and measure the container.

        Raises:
            Problem: 422 if the system cannot use the pictures.
        """
        try:
            measured: Measured = await self._ask("hide", secret, cover)
        except ValueError as error:
            raise Problem(422, str(error)) from error
        return measured

    async def embed(self, container: Tensor, field: str) -> Tensor:
        """Describe the person hidden in a container, sent in a field of a form: a unit vector, shape (D,).

        Raises:
            Problem: 422 if nothing is hidden in the picture, or the system cannot use it.
        """
        embedding: Tensor = await self._ask_of_container("embed", container, field)
        return embedding

    async def restore(self, container: Tensor, field: str) -> Tensor:
        """Restore the secret, shape (3, S, S), from a container sent in a field of a form.

        Raises:
            Problem: 422 if nothing is hidden in the picture, or the system cannot use it, or does not restore.
        """
        if self.system.restorer is None:
            raise Problem(422, f"{self.system.card.name} recognises only; take a service of a system that restores")
        restored: Tensor = await self._ask_of_container("restore", container, field)
        return restored

    async def find_face(self, photograph: Tensor) -> Framed:
        """Cut a photograph, shape (3, H, W), to its largest face.

        Raises:
            Problem: 422 if no face is found.
        """
        return await in_thread(self._faces, lambda: self._framed(photograph))

    async def do(self, work: Callable[[], Answer]) -> Answer:
        """Do what takes neither networks nor faces."""
        return await in_thread(self._rest, work)

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
        return await self._batcher.ask(work, *pictures)

    async def _ask_of_container(self, work: str, container: Tensor, field: str) -> Any:
        try:
            return await self._ask(work, container)
        except NothingHiddenError as error:  # batches know nothing of fields
            raise Problem(422, f"{field}: {str(error).removeprefix('picture: ')}") from error
        except ValueError as error:  # of what `read` gives that leaves only its size
            height, width = container.shape[-2:]
            detail = f"expected a container, got a picture of {width}x{height} pixels, too small to hide anything in"
            raise Problem(422, f"{field}: {detail}") from error
