"""A gallery whose process is killed at any moment opens again and holds all that was acknowledged."""

import itertools
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from support.galleries import MAKER, contents

from miais.gallery.open import open_gallery

ROUNDS = 50

# Imports what is slow, then forks: a child says what it is about to do ("?"), does it, and says that it is done.
# PyArrow and LanceDB have threads, and a copy of a process with threads may hang: each child imports them itself.
WORKER = """
import os, sys
import lance_namespace
from support.galleries import MAKER, enrolment, vectors
from miais.gallery.open import open_gallery

def enrol_and_forget(folder, number):
    print("pid", os.getpid(), flush=True)
    gallery = open_gallery(folder, MAKER, create=True)
    for count, vector in enumerate(vectors(10_000, seed=number)):
        name = f"person {number:02d} {count:05d}."
        print("?", name, flush=True)
        gallery.enrol([enrolment(name, vector, 0, name.encode() * 20)])
        print("+", name, flush=True)
        if count % 8 == 7:
            gone = f"person {number:02d} {count - 3:05d}."
            print("?", gone, flush=True)
            gallery.forget(gone)
            print("-", gone, flush=True)

assert "pyarrow" not in sys.modules
print("ready", flush=True)
for number, line in enumerate(sys.stdin):
    child = os.fork()
    if child == 0:
        enrol_and_forget(line.strip(), number)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


@pytest.fixture
def worker():
    path = os.pathsep.join(place for place in sys.path if place)
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-W", "ignore", "-c", WORKER],
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout.readline() == "ready\n"
    yield process
    os.killpg(process.pid, signal.SIGKILL)  # with a child that hangs
    process.communicate()


def killed_after(worker, folder, words, seconds):
    """Let a child work until it has said some lines, and some seconds more; kill it, and return what it said."""
    worker.stdin.write(f"{folder}\n")
    worker.stdin.flush()
    word, child = worker.stdout.readline().split()
    assert word == "pid"
    lines = iter(worker.stdout.readline, "dead\n")
    said = list(itertools.islice(lines, words))
    assert len(said) == words, f"the process ended after {said}"
    time.sleep(seconds)
    os.kill(int(child), signal.SIGKILL)
    return [*said, *lines]


def test_what_was_acknowledged_outlives_fifty_killed_processes(folder, worker):
    random = np.random.default_rng(0)
    there, forgotten, unlisted, unfinished = set(), set(), set(), 0
    for _ in range(ROUNDS):
        begun = None
        for line in killed_after(worker, folder, random.integers(0, 24), random.uniform(0, 0.05)):
            word, name = line.rstrip("\n").split(" ", 1)
            match word:
                case "?":
                    begun = name
                case "+":
                    there.add(name)
                    begun = None
                case "-":
                    there.remove(name)
                    forgotten.add(name)
                    begun = None
        gallery = open_gallery(str(folder), MAKER, create=True)
        people = gallery.people()
        found = {one.name for one in people}
        assert found - {begun} == there - {begun}
        assert len(gallery) == gallery.containers == len(found)
        if begun is not None:  # killed in the middle: done in full or not at all
            unfinished += 1
            if begun in found:
                there.add(begun)
            else:  # nobody can forget who is not listed
                there.discard(begun)
                unlisted.add(begun)
                assert begun.encode() not in contents(folder)
        gallery.close()
    assert len(there) > ROUNDS
    assert len(forgotten) > ROUNDS // 10
    assert len(unlisted) > ROUNDS // 10
    assert unfinished > ROUNDS // 10
    gallery = open_gallery(str(folder), MAKER)
    assert all(one.thumbnail == one.person.encode() * 20 for one in gallery.enrolments())
    gallery.close()
    bytes_left = contents(folder)
    assert not any(name.encode() in bytes_left for name in forgotten | unlisted)
