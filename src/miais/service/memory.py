"""Keeps glibc from holding on to memory that pictures have left."""

import ctypes
import sys
import threading
import time

# Of malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE, _KEPT = 2**25, 2**27  # bytes; 32 MiB is the most that glibc takes for large
_PAUSE = 2.0  # seconds


def bound_memory() -> None:
    """Keep free memory in one heap, and give it back to the system every few seconds.

    Left alone, glibc has heaps for each thread and holds on to what each has ever needed. Where every large block goes
    back as soon as it is free, hiding takes more than twice as long: the system clears each page that it hands out
    again. Nothing happens where the C library is another one.
    """
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    if not (hasattr(library, "mallopt") and hasattr(library, "malloc_trim")):
        return
    library.mallopt(_M_ARENA_MAX, 1)
    library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
    library.mallopt(_M_TRIM_THRESHOLD, _KEPT)
    threading.Thread(target=_give_back, args=(library,), name="memory", daemon=True).start()


def _give_back(library: ctypes.CDLL) -> None:
    """Give back what is free also in the middle of the heap."""
    while True:
        time.sleep(_PAUSE)
        library.malloc_trim(0)
