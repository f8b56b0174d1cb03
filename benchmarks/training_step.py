"""Speed and memory of a training step of Algorithm 1: the code that `miais train` runs, without a loader.

    python benchmarks/training_step.py [--steps 3] [--rows lfw_single official_multi:2] [--stages A B]

A row is a recipe, or a recipe and its number of triplets (`official_multi:2`, whose gradients are then not
accumulated). Secrets and covers are random pixels in float32; each stage of a row runs in a process of its own, so that
its peak memory (resident, weights and optimiser included) is its own. A step's time is the median.

`--keep-memory` sets two variables that glibc reads when a process starts:

    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000

Without them glibc gives every large block that is freed back to the kernel, which must clear it again for the next one.
With them the process keeps what it has, at the price of a higher peak. On by default nowhere: set them before
`miais train` if memory allows.

For scale, the authors' networks and losses, stepped as their released loop does (multitask, 256 px, 2 triplets, torch
2.15, 2 CPU cores), took 18.6 s a step in Stage A and 30.2 s in Stage B, and 6.0 GB; that is row `official_multi:2`.
"""

import argparse
import itertools
import multiprocessing
import os
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NoReturn

import torch
from lightning.fabric import Fabric
from machine import describe_machine
from rich.console import Console
from rich.table import Table
from torch import nn

from miais.data.batches import Batch
from miais.networks.build import CLASSIFIERS, GENERATORS, RESTORERS, build_network
from miais.recipes import get_recipe
from miais.training.hiding import HidingTask
from miais.training.minimax import MinimaxNetworks, Stage, stage_at
from miais.training.settings import MinimaxSettings, Recipe

IDENTITIES = 1662  # people that the authors trained on
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000"}


@dataclass(frozen=True)
class Job:
    """One stage of one row."""

    row: str
    stage: Stage
    steps: int
    threads: int


@dataclass(frozen=True)
class Result:
    """What one step takes: images, seconds of every timed step, peak bytes."""

    image_size: int
    images: int
    seconds: list[float]
    peak: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", default=["lfw_single", "paper_single", "official_multi:2"])
    parser.add_argument("--stages", nargs="+", choices=["joint", "A", "B"], default=["A", "B"])
    parser.add_argument("--steps", type=int, default=3, help="timed steps, after one that warms up")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--keep-memory", action="store_true", help="glibc keeps what is freed, see above")
    options = parser.parse_args()
    if options.keep_memory:
        os.environ.update(KEEP_MEMORY)

    torch.set_num_threads(options.threads)
    machine = {**describe_machine(), "keep-memory": str(options.keep_memory)}
    table = Table(title="Training step", caption=", ".join(f"{name} {value}" for name, value in machine.items()))
    for column in ("recipe", "px", "images a step", "stage", "s a step (min)", "images/s", "peak GB"):
        table.add_column(column, justify="left" if column == "recipe" else "right")
    jobs = [Job(row, stage, options.steps, options.threads) for row in options.rows for stage in options.stages]
    # A fresh process for each: peak memory never falls, and glibc reads its variables only once.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for job, result in zip(jobs, pool.imap(measure, jobs, chunksize=1), strict=True):
            seconds = statistics.median(result.seconds)
            table.add_row(
                job.row,
                str(result.image_size),
                str(result.images),
                job.stage,
                f"{seconds:.2f} ({min(result.seconds):.2f})",
                f"{result.images / seconds:.2f}",
                f"{result.peak / 1e9:.2f}",
                end_section=job.stage == options.stages[-1],
            )
    Console().print(table)


def measure(job: Job) -> Result:
    torch.set_num_threads(job.threads)
    recipe = recipe_of(job.row)
    torch.manual_seed(recipe.seed)
    task = HidingTask(Fabric(accelerator="cpu", devices=1), networks_of(recipe), recipe, validate=no_validation)
    batches = [random_batch(recipe) for _ in range(recipe.phase.accumulate)]
    seconds = []
    for step in itertools.islice(steps_of(job.stage, recipe.minimax), job.steps + 1):
        start = time.perf_counter()
        log = task.step(step, batches)
        seconds.append(time.perf_counter() - start)
        if log["skipped"]:
            raise RuntimeError(
                f"{job.row}, stage {job.stage}: a step without its backward pass; its loss was not usable"
            )
    # Kilobytes, but bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Result(recipe.networks.image_size, sum(len(batch.labels) for batch in batches), seconds[1:], peak)


def recipe_of(row: str) -> Recipe:
    name, _, triplets = row.partition(":")
    recipe = get_recipe(name)
    if not triplets:
        return recipe
    data, phase = replace(recipe.data, batch=int(triplets)), replace(recipe.phase, accumulate=1)
    return replace(recipe, data=data, phase=phase)


def networks_of(recipe: Recipe) -> MinimaxNetworks:
    specs = recipe.networks

    def classifier() -> nn.Module:
        return build_network(specs.classifier, CLASSIFIERS, num_identities=IDENTITIES)

    networks = MinimaxNetworks(
        build_network(specs.generator, GENERATORS),
        (classifier(), classifier()),
        classifier(),
        None if specs.restorer is None else build_network(specs.restorer, RESTORERS),
    )
    return networks.to(memory_format=torch.channels_last)


def random_batch(recipe: Recipe) -> Batch:
    images = recipe.data.batch * (3 if recipe.data.triplets else 1)
    secret, cover = recipe.networks.image_size, recipe.data.cover_size
    return Batch(
        torch.randint(256, (images, 3, secret, secret), dtype=torch.uint8),
        torch.randint(IDENTITIES, (images,)),
        torch.randint(256, (images, 3, cover, cover), dtype=torch.uint8),
    )


def steps_of(stage: Stage, settings: MinimaxSettings) -> Iterator[int]:
    return (step for step in itertools.count() if stage_at(step, settings) == stage)


def no_validation(networks: MinimaxNetworks, psnr_db: float | None) -> NoReturn:
    raise RuntimeError("a step does not validate")


if __name__ == "__main__":
    main()
