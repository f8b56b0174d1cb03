"""Keeps glibc from holding on to memory that pictures have left."""

import ctypes
import sys

_M_MMAP_THRESHOLD = -3


def bound_memory() -> None:
    """Let large blocks go back to the system as soon as they are free.

    Left alone, glibc raises the size that it calls large to that of the largest block it has seen, and keeps what is
    smaller for each thread. Nothing happens where the C library is another one.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 2**20)
