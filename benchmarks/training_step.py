"""Speed and memory of a training step of Algorithm 1: the code that `miais train` runs, without a loader.

    python benchmarks/training_step.py [--rows lfw_single official_multi:2] [--steps 3] [--seconds 20] [--malloc lean]

A row is a recipe, or a recipe and its number of triplets; `official_multi:2` sums the gradients of one batch, not of
eight. Pixels are random, computation is in float32, a step's time is the mean, since some recipes draw other sizes at
every step. Each row has a process of its own and does Stage A, then Stage B; the peak is the largest resident memory so
far, with interpreter, weights and optimisers.

For scale, the authors' networks and losses, stepped as their released loop does (multitask, 256 px, 2 triplets, torch
2.15, 2 CPU cores), took 18.6 s a step in Stage A, 30.2 s in Stage B, and 6.0 GB. That is row `official_multi:2`.

`--malloc` is about glibc, which returns large freed blocks to the kernel, to be cleared again for the next ones:

    keep    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000    returns nothing: fastest, highest peak
    lean    MALLOC_MMAP_THRESHOLD_=1048576                            returns all: slower, lowest peak

It reads these variables when a process starts, so they work for `miais train` in the same way.
"""

import argparse
import itertools
import multiprocessing
import os
import resource
import sys
import time
from dataclasses import dataclass, replace
from typing import NoReturn

import torch
from lightning.fabric import Fabric
from machine import describe_machine
from rich.console import Console
from rich.table import Table
from torch import nn

from miais.data.batches import Batch
from miais.network_kinds import CLASSIFIERS, GENERATORS, RESTORERS
from miais.networks.spec import build_network
from miais.recipes import get_recipe
from miais.training.hiding import HidingTask
from miais.training.minimax import stage_at
from miais.training.minimax_networks import MinimaxNetworks, Stage
from miais.training.public_key import with_public_key
from miais.training.settings import Recipe

IDENTITIES = 1662  # people that the authors trained on
STAGES: tuple[Stage, ...] = ("A", "B")
MALLOC = {
    "default": {},
    "keep": {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000"},
    "lean": {"MALLOC_MMAP_THRESHOLD_": "1048576"},
}


@dataclass(frozen=True)
class Job:
    """A row to measure."""

    row: str
    steps: int
    seconds: float
    threads: int


@dataclass(frozen=True)
class Measured:
    """Seconds of every timed step of a stage, and the process's peak in bytes after them."""

    seconds: list[float]
    peak: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", default=["lfw_single", "paper_single:4", "official_multi:2"])
    parser.add_argument(
        "--steps", type=int, default=3, help="least number of timed steps of each stage, after one more"
    )
    parser.add_argument("--seconds", type=float, default=20, help="least time for the timed steps of each stage")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--malloc", choices=MALLOC, default="default", help="see above")
    options = parser.parse_args()
    os.environ.update(MALLOC[options.malloc])

    torch.set_num_threads(options.threads)
    machine = {**describe_machine(), "malloc": options.malloc}
    table = Table(title="Training step", caption=", ".join(f"{name} {value}" for name, value in machine.items()))
    for column in ("recipe", "px", "images", "stage", "steps", "s/step", "least", "images/s", "peak GB"):
        table.add_column(column, justify="left" if column == "recipe" else "right")
    jobs = [Job(row, options.steps, options.seconds, options.threads) for row in options.rows]
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for job, stages in zip(jobs, pool.imap(measure, jobs, chunksize=1), strict=True):
            add_rows(table, job, stages)
    Console().print(table)


def add_rows(table: Table, job: Job, stages: dict[Stage, Measured]) -> None:
    recipe = recipe_of(job.row)
    images = recipe.phase.accumulate * images_of(recipe)
    for stage, measured in stages.items():
        mean = sum(measured.seconds) / len(measured.seconds)
        table.add_row(
            job.row,
            str(recipe.networks.image_size),
            str(images),
            stage,
            str(len(measured.seconds)),
            f"{mean:.2f}",
            f"{min(measured.seconds):.2f}",
            f"{images / mean:.2f}",
            f"{measured.peak / 1e9:.2f}",
        )
    table.add_section()


def measure(job: Job) -> dict[Stage, Measured]:
    torch.set_num_threads(job.threads)
    recipe = recipe_of(job.row)
    torch.manual_seed(recipe.seed)
    task = HidingTask(Fabric(accelerator="cpu", devices=1), networks_of(recipe), recipe, validate=no_validation)
    batches = [random_batch(recipe) for _ in range(recipe.phase.accumulate)]
    return {stage: Measured(seconds_of(task, stage, job, batches), peak_bytes()) for stage in STAGES}


def seconds_of(task: HidingTask, stage: Stage, job: Job, batches: list[Batch]) -> list[float]:
    due = (step for step in itertools.count() if stage_at(step, task.recipe.minimax) == stage)
    seconds: list[float] = []
    while len(seconds) <= job.steps or sum(seconds[1:]) < job.seconds:
        step = next(due)
        start = time.perf_counter()
        log = task.step(step, batches)
        seconds.append(time.perf_counter() - start)
        if log["skipped"]:
            raise RuntimeError(f"{task.recipe.name}, stage {stage}: the loss was not usable, so nothing moved")
    return seconds[1:]


def peak_bytes() -> int:
    """Largest resident memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def recipe_of(row: str) -> Recipe:
    name, _, triplets = row.partition(":")
    recipe = get_recipe(name)
    if not triplets:
        return recipe
    data, phase = replace(recipe.data, batch=int(triplets)), replace(recipe.phase, accumulate=1)
    return replace(recipe, data=data, phase=phase)


def networks_of(recipe: Recipe) -> MinimaxNetworks:
    specs = with_public_key(recipe).networks

    def classifier() -> nn.Module:
        return build_network(specs.classifier, CLASSIFIERS, num_identities=IDENTITIES)

    networks = MinimaxNetworks(
        build_network(specs.generator, GENERATORS),
        (classifier(), classifier()),
        classifier(),
        None if specs.restorer is None else build_network(specs.restorer, RESTORERS),
    )
    return networks.to(memory_format=torch.channels_last)


def images_of(recipe: Recipe) -> int:
    return recipe.data.batch * (3 if recipe.data.triplets else 1)


def random_batch(recipe: Recipe) -> Batch:
    images, secret, cover = images_of(recipe), recipe.networks.image_size, recipe.data.cover_size
    return Batch(
        torch.randint(256, (images, 3, secret, secret), dtype=torch.uint8),
        torch.randint(IDENTITIES, (images,)),
        torch.randint(256, (images, 3, cover, cover), dtype=torch.uint8),
    )


def no_validation(networks: MinimaxNetworks, psnr_db: float | None) -> NoReturn:
    raise RuntimeError("a step does not validate")


if __name__ == "__main__":
    main()
