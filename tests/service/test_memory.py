"""What pictures have left goes back to the system, also where something that stays lies behind it."""

import subprocess
import sys

import pytest

# Blocks of 64 KiB, each with a small one behind it that stays.
FRAGMENTS = """
import ctypes, time
from pathlib import Path
from miais.service import memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

memory._PAUSE = 0.05
memory.bound_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
before, large = resident(), []
for _ in range(3200):
    large.append(libc.malloc(2**16))
    ctypes.memset(ctypes.c_void_p(large[-1]), 1, 2**16)
    libc.malloc(64)
full = resident()
for block in large:
    libc.free(block)
deadline = time.monotonic() + 20
while resident() > before + 20 and time.monotonic() < deadline:
    time.sleep(0.05)
print(full - before, resident() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc is told anything")
def test_free_memory_in_the_middle_of_the_heap_goes_back():
    said = subprocess.run([sys.executable, "-c", FRAGMENTS], capture_output=True, text=True, check=True)  # noqa: S603
    full, left = map(float, said.stdout.split())
    assert full > 150
    assert left < 30
