"""Keeps glibc from holding on to memory that pictures have left."""

import ctypes
import sys

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


def bound_memory() -> None:
    """Give large blocks back as soon as they are free, and keep small ones of all threads in two arenas.

    Nothing happens where the C library is another one.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(_M_ARENA_MAX, 2)
    mallopt(_M_MMAP_THRESHOLD, 2**20)
