"""Reading a whole collection once, before training, to find the files that cannot be read."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from miais.image import ImageError

MAX_UNREADABLE_SHARE = 0.01
_log = logging.getLogger(__name__)


def find_unreadable(
    names: Sequence[str],
    decode: Callable[[int], object],
    *,
    workers: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> list[int]:
    """Decode every image once and say which could not be decoded.

    Args:
        names: Names for the messages, one per image.
        decode: Decodes image number i.
        workers: Threads.
        progress: Called with the number of images done and of all images.

    Returns:
        Numbers of the unreadable images, ascending; each is also logged as a warning.

    Raises:
        ValueError: If more than 1% cannot be read.
    """

    def reason(index: int) -> str | None:
        try:
            decode(index)
        except (ImageError, OSError) as error:
            return str(error)
        return None

    unreadable: list[int] = []
    with ThreadPoolExecutor(max(1, workers)) as pool:
        for index, message in enumerate(pool.map(reason, range(len(names)))):
            if message is not None:
                unreadable.append(index)
                _log.warning("unreadable, left out: %s", message)
            if progress is not None:
                progress(index + 1, len(names))
    if len(unreadable) > MAX_UNREADABLE_SHARE * len(names):
        listed = ", ".join(names[index] for index in unreadable[:20]) + (", ..." if len(unreadable) > 20 else "")
        raise ValueError(
            f"{len(unreadable)} of {len(names)} images cannot be read, more than 1%: {listed}; repair or remove them"
        )
    if unreadable:
        _log.warning("%d of %d images cannot be read and are left out", len(unreadable), len(names))
    return unreadable
