"""Does loading keep up with training? Pairs of secret and cover that the batch loader makes a second, and a step takes.

    python benchmarks/loader.py [--data ../shared/data] [--recipe lfw_single] [--workers 0 1 2]

Sizes and triplets are the recipe's. Secrets come from `memory`, as usual after the scan, or from `files`, decoded anew
as a set too large for memory would be. Covers are `whole`, resized beforehand, or random `crops`. The last column is
the loader's rate over that of the training step, both alone on the machine: above 1 the loader waits for the step. With
workers it works beside the step, on cores that the step then lacks.
"""

import argparse
import time
from pathlib import Path

import torch
from machine import describe_machine
from rich.console import Console
from rich.table import Table
from training_step import Job, images_of, measure, recipe_of

from miais.data.augmentation import Augmentation
from miais.data.batches import SecretCoverBatches, batch_loader
from miais.data.covers import CoverSet
from miais.data.sampling import TripletSampler
from miais.data.secrets import SecretSet
from miais.training.settings import Recipe

WAYS: tuple[tuple[bool, Augmentation], ...] = ((False, "none"), (False, "flip"), (True, "faces"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of lfw160.zip and the covers")
    parser.add_argument("--recipe", default="lfw_single")
    parser.add_argument("--batches", type=int, default=20, help="timed batches of each row, after one that warms up")
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of the training step")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    recipe = recipe_of(options.recipe)
    step = pairs_per_step_second(options.recipe, recipe, options.threads)
    table = Table(
        title=f"Loader for {options.recipe}, whose training step takes {step:,.0f} pairs/s",
        caption=", ".join(f"{name} {value}" for name, value in describe_machine().items()),
    )
    for column in ("secrets from", "covers", "augmentation", "workers", "pairs/s", "loader / step"):
        table.add_column(column, justify="left" if column in ("secrets from", "covers", "augmentation") else "right")
    for source, crops, augmentation, dataset in datasets(options.data, recipe):
        for workers in options.workers:
            rate = pairs_per_second(dataset, workers, options.batches)
            covers = "crops" if crops else "whole"
            table.add_row(source, covers, augmentation, str(workers), f"{rate:,.0f}", f"{rate / step:.1f}")
        table.add_section()
    Console().print(table)


def datasets(data: Path, recipe: Recipe) -> list[tuple[str, bool, Augmentation, SecretCoverBatches]]:
    settings, side = recipe.data, recipe.networks.image_size
    covers = CoverSet.open(data / "covers-imagenet400.zip")
    covers.scan((settings.cover_size, settings.cover_size))
    covers.scan()
    found = []
    for source in ("memory", "files"):
        secrets = SecretSet.open(data / "lfw160.zip", side, cache=source == "memory")
        if source == "memory":
            secrets.scan()
        sampler = TripletSampler(secrets.labels, settings.batch, seed=0)
        for crops, augmentation in WAYS:
            batches = SecretCoverBatches(secrets, covers, sampler, settings.cover_size, crops, augmentation)
            found.append((source, crops, augmentation, batches))
    return found


def pairs_per_second(dataset: SecretCoverBatches, workers: int, count: int) -> float:
    """Rate from the second batch on, so that starting the workers does not count."""
    batches = iter(batch_loader(dataset, 0, count + 1, workers))
    next(batches)
    start = time.perf_counter()
    pairs = sum(len(batch.labels) for batch in batches)
    return pairs / (time.perf_counter() - start)


def pairs_per_step_second(row: str, recipe: Recipe, threads: int) -> float:
    """Rate of the quickest stage, which is the one that starves first."""
    pairs = recipe.phase.accumulate * images_of(recipe)
    stages = measure(Job(row, steps=3, seconds=10.0, threads=threads)).values()
    return max(pairs * len(stage.seconds) / sum(stage.seconds) for stage in stages)


if __name__ == "__main__":
    main()
