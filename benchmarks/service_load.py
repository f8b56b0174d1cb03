"""Runs a service in a process of its own and asks it without a pause; `service.py` and a test use it."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

MIX = {
    "hide": 30,
    "embed": 15,
    "verify": 15,
    "identify": 20,
    "enroll": 4,
    "forget": 4,
    "people": 6,
    "system": 5,
    "bad": 1,
}
FULL, PEOPLE = 503, 20


@dataclass(frozen=True)
class Ask:
    """A request, and the statuses that it deserves."""

    verb: str
    expected: frozenset[int]
    path: str
    method: str = "POST"
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What came of a request; status 0 where there was no answer."""

    verb: str
    status: int
    seconds: float
    expected: bool


@dataclass(frozen=True)
class Served:
    """A service that runs."""

    url: str
    process: subprocess.Popen[str]

    def resident_mb(self) -> float:
        """Return its memory, as the kernel counts it."""
        fields = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def served(folder: Path, model: str, *options: str) -> Iterator[Served]:
    """Run a service on a free port; its gallery, audit log and log lie in a folder."""
    command = [sys.executable, "-m", "miais", "serve", "--model", model, "--port", "0", *options]
    command += ["--gallery", str(folder / "people"), "--audit", str(folder / "audit.jsonl")]
    with (folder / "service.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603
        with process:
            try:
                line = process.stdout.readline() if process.stdout else ""
                if " on http" not in line:
                    raise RuntimeError((folder / "service.log").read_text(encoding="utf-8"))
                yield Served(line.split(" on ")[1].split()[0], process)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)


class Asking:
    """Draws requests.

    Args:
        secrets: Of faces, PNG.
        covers: PNG.
        containers: PNG, made by the system that answers.
        seed: Of the draws.
    """

    def __init__(
        self, secrets: Sequence[bytes], covers: Sequence[bytes], containers: Sequence[bytes], seed: int
    ) -> None:
        self._secrets, self._covers, self._containers = secrets, covers, containers
        self._draw = random.Random(seed)  # noqa: S311

    def next(self) -> Ask:
        """Return the next request."""
        (verb,) = self._draw.choices(list(MIX), list(MIX.values()))
        return getattr(self, f"_{verb}")()

    def _hide(self) -> Ask:
        pictures = {"secret": self._draw.choice(self._secrets), "cover": self._draw.choice(self._covers)}
        return Ask("hide", frozenset({200}), "/hide", options={"files": pictures})

    def _embed(self) -> Ask:
        return Ask("embed", frozenset({200}), "/embed", options={"files": {"container": self._container()}})

    def _verify(self) -> Ask:
        pictures = {"a": self._container(), "b": self._container()}
        return Ask("verify", frozenset({200}), "/verify", options={"files": pictures})

    def _identify(self) -> Ask:
        return Ask("identify", frozenset({200}), "/identify", options={"files": {"container": self._container()}})

    def _enroll(self) -> Ask:
        options = {"files": {"containers": self._container()}, "data": {"person": self._person()}}
        return Ask("enroll", frozenset({201}), "/enroll", options=options)

    def _forget(self) -> Ask:
        return Ask("forget", frozenset({200, 404}), f"/people/{self._person()}", "DELETE")

    def _people(self) -> Ask:
        return Ask("people", frozenset({200}), "/people", "GET")

    def _system(self) -> Ask:
        return Ask("system", frozenset({200}), "/system", "GET")

    def _bad(self) -> Ask:
        path, status, options = self._draw.choice(
            (
                ("/embed", 422, {"files": {"container": b""}}),
                ("/embed", 422, {"files": {"container": self._container()[:-100]}}),
                ("/embed", 422, {"files": {"picture": self._container()}}),
                ("/embed", 415, {"json": {"container": "picture"}}),
                ("/embed", 413, {"files": {"container": bytes(20 * 2**20)}}),
                ("/hide", 422, {"files": {"secret": b"GIF89a", "cover": self._draw.choice(self._covers)}}),
                ("/hide", 400, {"content": b"--y", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
            )
        )
        return Ask("bad", frozenset({status}), path, options=options)

    def _container(self) -> bytes:
        return self._draw.choice(self._containers)

    def _person(self) -> str:
        return f"Person {self._draw.randrange(PEOPLE)}"


async def ask_for(url: str, asking: Asking, *, seconds: float, clients: int) -> list[Outcome]:
    """Keep so many requests under way for so long, and return what came of them."""
    end = time.monotonic() + seconds
    outcomes: list[Outcome] = []

    async def client(http: httpx.AsyncClient) -> None:
        while time.monotonic() < end:
            ask = asking.next()
            began = time.monotonic()
            try:
                status = (await http.request(ask.method, ask.path, **ask.options)).status_code
            except httpx.TransportError:
                status = 0
            expected = status in ask.expected or status == FULL
            outcomes.append(Outcome(ask.verb, status, time.monotonic() - began, expected))

    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as http:
        await asyncio.gather(*(client(http) for _ in range(clients)))
    return outcomes
