"""How many images a second the batch loader makes, for comparison with what a training step consumes.

    python benchmarks/loader.py --data ../shared/data

`files` decodes every secret anew, as a set too large for memory would; `memory` is the usual case, after the scan.
"""

import argparse
import time
from pathlib import Path

from machine import describe_machine

from miais.data.batches import SecretCoverBatches, batch_loader
from miais.data.covers import CoverSet
from miais.data.sampling import TripletSampler
from miais.data.secrets import SecretSet


def images_per_second(dataset: SecretCoverBatches, workers: int, steps: int) -> float:
    """Count secrets and covers, from the first batch on, so that starting the workers does not count."""
    batches = iter(batch_loader(dataset, 0, steps + 1, workers))
    next(batches)
    start = time.perf_counter()
    images = sum(len(batch.secrets) + len(batch.covers) for batch in batches)
    return images / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of lfw160.zip and the covers")
    parser.add_argument("--secret-size", type=int, default=128)
    parser.add_argument("--cover-size", type=int, default=256)
    parser.add_argument("--triplets", type=int, default=16)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()

    print(describe_machine())
    print(f"secrets {options.secret_size} px, covers {options.cover_size} px, {options.triplets} triplets a step")
    covers = CoverSet.open(options.data / "covers-imagenet400.zip")
    covers.scan()
    covers.scan((options.cover_size, options.cover_size))
    faces = {
        "files": SecretSet.open(options.data / "lfw160.zip", options.secret_size, cache=False),
        "memory": SecretSet.open(options.data / "lfw160.zip", options.secret_size, cache=True),
    }
    start = time.perf_counter()
    faces["memory"].scan()
    seconds = time.perf_counter() - start
    print(f"scan of {len(faces['memory'])} secrets with 2 threads: {seconds:.1f} s, before the first step only")

    print(f"{'secrets from':<14}{'covers':<9}{'workers':>7}{'images/s':>12}")
    for source, secrets in faces.items():
        for crops in (False, True):
            sampler = TripletSampler(secrets.labels, options.triplets, seed=0)
            dataset = SecretCoverBatches(secrets, covers, sampler, options.cover_size, cover_crops=crops)
            for workers in options.workers:
                rate = images_per_second(dataset, workers, options.steps)
                print(f"{source:<14}{'crops' if crops else 'whole':<9}{workers:>7}{rate:>12,.0f}")


if __name__ == "__main__":
    main()
