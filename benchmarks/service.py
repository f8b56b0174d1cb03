"""How much one `miais serve` answers on loopback, how fast, and whether its memory stays.

    python benchmarks/service.py [--model lfw-single] [--seconds 60] [--clients 16] [--warm-up 15]

Starts the service in a process of its own, with a new gallery and audit log and no limit on how often a caller may ask,
and asks without a pause: every client has one request under way. Verbs are mixed as `MIX` says, covers are photographs
of 451x300 to 1000x1000 pixels, and one request in a hundred is bad. What was asked during the warm-up is not counted.
An answer is expected if it is what the request deserves, or a 503 because the service is full.
"""

import argparse
import asyncio
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import skimage.data
import torch
from machine import describe_machine
from rich.console import Console
from rich.table import Table

from miais.image import encode_png, resize
from miais.system import load

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
                ("/hide", 400, {"content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
            )
        )
        return Ask("bad", frozenset({status}), path, options=options)

    def _container(self) -> bytes:
        return self._draw.choice(self._containers)

    def _person(self) -> str:
        return f"Person {self._draw.randrange(PEOPLE)}"


def pictures_for(model: str) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Make secrets, covers and containers of what scikit-image bundles."""
    system = load(model)
    face = _photograph(skimage.data.astronaut())[:, 40:240, 130:330]
    shifts = [(down, across) for down in (0, 10, 20) for across in (0, 10, 20)]
    secrets = [face[:, down : 180 + down, across : 180 + across] for down, across in shifts]
    whole = _photograph(skimage.data.astronaut())
    covers = [_photograph(skimage.data.chelsea()), _photograph(skimage.data.coffee()), resize(whole, (1000, 1000))]
    containers = [system.hide(secret, covers[number % 3]) for number, secret in enumerate(secrets)]
    secrets_png, covers_png, containers_png = (
        [encode_png(picture) for picture in pictures] for pictures in (secrets, covers, containers)
    )
    return secrets_png, covers_png, containers_png


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="lfw-single")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--warm-up", type=float, default=15.0, help="seconds before that")
    options = parser.parse_args()
    asking = Asking(*pictures_for(options.model), seed=0)
    with TemporaryDirectory() as folder, served(Path(folder), options.model, "--rate", "1000000/minute") as service:
        resident = [("at the start", service.resident_mb())]
        asyncio.run(ask_for(service.url, asking, seconds=options.warm_up, clients=options.clients))
        resident.append(("after the warm-up", service.resident_mb()))
        outcomes = []
        for part in ("after half", "at the end"):
            half = ask_for(service.url, asking, seconds=options.seconds / 2, clients=options.clients)
            outcomes += asyncio.run(half)
            resident.append((part, service.resident_mb()))
    show(outcomes, options.seconds)
    print("resident, MB: " + ", ".join(f"{megabytes:,.0f} {when}" for when, megabytes in resident))
    print(", ".join(f"{name} {value}" for name, value in describe_machine().items()))
    if not all(outcome.expected for outcome in outcomes):
        sys.exit("some answers were not expected")


def show(outcomes: Sequence[Outcome], seconds: float) -> None:
    """Print a line for each verb, and one for all."""
    table = Table(title="Requests")
    for column in ("verb", "answers", "a second", "p50, ms", "p95, ms", "by status", "not expected"):
        table.add_column(column, justify="left" if column in ("verb", "by status") else "right")
    for verb in (*MIX, "all"):
        of_verb = [outcome for outcome in outcomes if verb in (outcome.verb, "all")]
        if of_verb:
            table.add_row(verb, *_facts(of_verb, seconds))
    Console().print(table)


def _facts(outcomes: Sequence[Outcome], seconds: float) -> Iterable[str]:
    times = [1000 * outcome.seconds for outcome in outcomes if outcome.status != FULL]
    cuts = statistics.quantiles(times, n=20, method="inclusive") if len(times) > 1 else [float("nan")] * 19
    statuses = Counter(outcome.status for outcome in outcomes)
    by_status = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    strange = sum(not outcome.expected for outcome in outcomes)
    numbers = f"{len(outcomes)}", f"{len(outcomes) / seconds:.1f}", f"{cuts[9]:,.0f}", f"{cuts[18]:,.0f}"
    return *numbers, by_status, str(strange)


def _photograph(pixels: Any) -> torch.Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255


if __name__ == "__main__":
    main()
