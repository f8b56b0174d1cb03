"""Training that a test does in one process and, by running this file, in two.

PYTHONPATH=src:tests python tests/support/process_runs.py RESULT.json
"""

import itertools
import json
import math
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import torch
import torch.distributed
from lightning.fabric import Fabric
from support.small_training import PEOPLE, SIZE, constant_validation, small_networks, small_recipe
from torch import nn

from miais.data.batches import SecretCoverBatches
from miais.data.covers import CoverSet
from miais.data.sampling import TripletSampler
from miais.data.secrets import SecretSet
from miais.networks.recognition import Recognition
from miais.training.hiding import HidingTask
from miais.training.loop import TrainingLoop
from miais.training.minimax_networks import MinimaxNetworks
from miais.training.settings import OptimizerSettings, PhaseSettings, Recipe, TransitSettings

TRIPLETS, STEPS = 4, 6


class PlainClassifier(nn.Module):
    """No batch statistics: an image's answer does not depend on the others, nor on the process that they are in."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 5, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 49, 16))
        self.head = nn.Linear(16, PEOPLE)

    def forward(self, image):
        embedding = 10 * nn.functional.normalize(self.features(image))
        return Recognition(embedding, self.head(embedding))


class PlainGenerator(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 3, padding=1), nn.Tanh())

    def forward(self, secret, cover):
        return (cover + 0.1 * self.body(torch.cat([cover, secret], dim=1))).clamp(0, 1)


def plain_networks() -> MinimaxNetworks:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        restorer = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.Sigmoid())
        return MinimaxNetworks(PlainGenerator(), (PlainClassifier(), PlainClassifier()), PlainClassifier(), restorer)


def recipe_of(kind: str) -> Recipe:
    """All stages, drawn sizes, noise layers and a hiding threshold that is crossed."""
    recipe = small_recipe("lfw_multi", steps=STEPS)
    moves = OptimizerSettings("sgd", lr=1e-3, clip_norm=1.0)
    above = replace(recipe.minimax.stage_b, visual=20.0)
    settings = replace(recipe.minimax, joint_steps=2, heads_apart=0.1, stage_b_above=above, hiding_threshold=1e-3)
    settings = replace(settings, batch_statistics="own")
    if kind == "plain":
        settings = replace(settings, losses=replace(settings.losses, hint_layers=("features.0",)))
    return replace(
        recipe,
        name=kind,
        minimax=settings,
        generator_optimizer=moves,
        classifier_optimizer=moves,
        transit=TransitSettings(
            quantize=True,
            psnr_start_db=30.0,
            psnr_db=40.0,
            sizes=(32, 48),
            distortions="official" if kind == "plain" else "none",
        ),
    )


def task_of(fabric: Fabric, kind: str) -> HidingTask:
    recipe = recipe_of(kind)
    networks = plain_networks() if kind == "plain" else small_networks(recipe)
    return HidingTask(fabric, networks, recipe, constant_validation)


def picture(name: str) -> torch.Tensor:
    return torch.rand(3, SIZE, SIZE, generator=torch.Generator().manual_seed(int(name.split("/")[-1])))


def batches_of(fabric: Fabric) -> SecretCoverBatches:
    label_of = {f"P{number % PEOPLE}/{number}": f"P{number % PEOPLE}" for number in range(4 * PEOPLE)}
    secrets = SecretSet(label_of, picture, SIZE)
    covers = CoverSet([str(number) for number in range(50, 70)], picture)
    sampler = TripletSampler(secrets.labels, TRIPLETS, 0)
    return SecretCoverBatches(secrets, covers, sampler, SIZE, False, "none", fabric.global_rank, fabric.world_size)


def logs_of(fabric: Fabric, kind: str) -> list[dict[str, float]]:
    """The logs of all steps, and at the end how far the processes' weights are apart."""
    task, data = task_of(fabric, kind), batches_of(fabric)
    logs = [task.step(step, [data[step]]) for step in range(STEPS)]
    return [*logs, {"apart": apart(fabric, list(task.networks.parameters()))}]


def apart(fabric: Fabric, tensors: list[torch.Tensor]) -> float:
    """Largest difference between this process's numbers and those of the first one."""
    flat = torch.cat([tensor.detach().flatten().float() for tensor in tensors])
    return float((flat - fabric.broadcast(flat)).abs().max())


def bad_loss_in_the_last_process(fabric: Fabric) -> list[float]:
    """Skipped steps after each step, where one process alone has a loss that is not a number."""
    task, data = task_of(fabric, "plain"), batches_of(fabric)
    honest, calls = task._loss, itertools.count()

    def loss(stage, batch, *rest):
        found = honest(stage, batch, *rest)
        bad = next(calls) == 1 and fabric.global_rank == fabric.world_size - 1
        return found._replace(total=found.total * math.nan) if bad else found

    task._loss = loss
    return [task.step(step, [data[step]])["skipped"] for step in range(3)]


def loop_until_ctrl_c_in_the_last_process(fabric: Fabric, folder: Path) -> dict[str, object]:
    """A loop over networks with batch statistics that one process alone is asked to stop."""
    task = task_of(fabric, "light")
    honest = task.step

    def step(number, batches):
        if number == 2 and fabric.global_rank == fabric.world_size - 1:
            signal.raise_signal(signal.SIGINT)
        return honest(number, batches)

    task.step = step
    loop = TrainingLoop(
        fabric, task, batches_of(fabric), PhaseSettings(STEPS, validate_every=2), folder, seed=0, workers=0
    )
    result = loop.run()
    statistics = [buffer for buffer in task.networks.buffers() if buffer.is_floating_point()]
    return {
        "steps": result.steps,
        "interrupted": result.interrupted,
        "statistics apart": apart(fabric, statistics),
        "files": sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/step-*")),
    }


def results_of(fabric: Fabric, folder: Path) -> dict[str, object]:
    return {
        "plain": logs_of(fabric, "plain"),
        "light": logs_of(fabric, "light"),
        "bad": bad_loss_in_the_last_process(fabric),
        "loop": loop_until_ctrl_c_in_the_last_process(fabric, folder),
    }


def main() -> None:
    torch.set_num_threads(1)
    fabric = Fabric(accelerator="cpu", devices=2)
    fabric.launch()
    with tempfile.TemporaryDirectory() as own:
        found = results_of(fabric, Path(fabric.broadcast(own)))
        gathered = [None] * fabric.world_size
        torch.distributed.all_gather_object(gathered, found)
    if fabric.is_global_zero:
        Path(sys.argv[1]).write_text(json.dumps(gathered))


if __name__ == "__main__":
    main()
