"""How much one `miais serve` answers on loopback, how fast, and whether its memory stays.

    python benchmarks/service.py [--model lfw-single] [--seconds 60] [--clients 16] [--warm-up 15]

Starts the service in a process of its own, with a new gallery and audit log and no limit on how often a caller may ask,
and asks without a pause: every client has one request under way. Verbs are mixed as `MIX` says, covers are photographs
of 451x300 to 1000x1000 pixels, and one request in a hundred is bad. What was asked during the warm-up is not counted.
An answer is expected if it is what the request deserves, or a 503 because the service is full. Resident memory is
looked at twice a second, and when nothing has been asked for some seconds: before the first request, after the warm-up,
and at the end. A service whose memory grows has more in each quarter of the time, and more at the end.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import skimage.data
import torch
from machine import describe_machine
from rich.console import Console
from rich.table import Table
from service_load import FULL, MIX, Asking, Outcome, Served, ask_for, served

from miais.image import encode_png, resize
from miais.system import load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="lfw-single")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--warm-up", type=float, default=15.0, help="seconds before that")
    options = parser.parse_args()
    asking = Asking(*pictures_for(options.model), seed=0)
    with TemporaryDirectory() as folder, served(Path(folder), options.model, "--rate", "1000000/minute") as service:
        idle = [idle_mb(service)]
        asyncio.run(ask_for(service.url, asking, seconds=options.warm_up, clients=options.clients))
        idle.append(idle_mb(service))
        outcomes, resident = asyncio.run(watched(service, asking, options.seconds, options.clients))
        idle.append(idle_mb(service))
    show(outcomes, options.seconds)
    print(f"resident, MB: idle {', '.join(f'{megabytes:,.0f}' for megabytes in idle)}")
    print(f"mean (highest) of each quarter {', '.join(quarters(resident))}")
    print(", ".join(f"{name} {value}" for name, value in describe_machine().items()))
    if not all(outcome.expected for outcome in outcomes):
        sys.exit("some answers were not expected")


def idle_mb(service: Served) -> float:
    """Return the memory of a service that has had time to give back what is free."""
    time.sleep(5)
    return service.resident_mb()


async def watched(
    service: Served, asking: Asking, seconds: float, clients: int
) -> tuple[Sequence[Outcome], Sequence[float]]:
    """Ask for some seconds; return what came of it, and the memory every half second."""
    asked = asyncio.create_task(ask_for(service.url, asking, seconds=seconds, clients=clients))
    resident = []
    while not asked.done():
        resident.append(service.resident_mb())
        await asyncio.wait({asked}, timeout=0.5)
    return asked.result(), resident


def quarters(resident: Sequence[float]) -> list[str]:
    """Write the mean and the highest of each quarter."""
    parts = [resident[len(resident) * part // 4 : len(resident) * (part + 1) // 4] for part in range(4)]
    return [f"{statistics.mean(part):,.0f} ({max(part):,.0f})" for part in parts if part]


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


def _photograph(pixels: Any) -> torch.Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255


if __name__ == "__main__":
    main()
