"""Training small enough for a test: networks of 32 px and width 8, two triplets a batch, five people."""

from dataclasses import replace

import torch
from lightning.fabric import Fabric

from miais.data.batches import Batch
from miais.network_kinds import CLASSIFIERS, GENERATORS, RESTORERS
from miais.networks.spec import NetworkSpec, build_network
from miais.recipes import RECIPES
from miais.training.hiding import HidingTask
from miais.training.minimax_networks import MinimaxNetworks
from miais.training.settings import DataSettings, NetworkSettings, PhaseSettings, Recipe
from miais.training.task import Validation

SIZE, PEOPLE, TRIPLETS = 32, 5, 2


def small_recipe(name: str = "paper_single", *, steps: int = 100, dropout: float = 0.0) -> Recipe:
    """A recipe of ours with its objectives, but networks, batches and stages for tests. The classifiers have BatchNorm,
    and so have the generator and the restorer of the recipes that follow the paper."""
    recipe = RECIPES[name]()
    ours = recipe.networks.generator.kind == "residual"
    width = {"image_size": SIZE, "width": 8}
    generator = NetworkSpec("residual", width) if ours else NetworkSpec("unet", {"image_size": SIZE, "width": 4})
    restorer = NetworkSpec("residue", width) if ours else NetworkSpec("plain", {"width": 4})
    classifier = NetworkSpec("residue", {**width, "embedding_dim": 16, "dropout": dropout})
    multi = recipe.networks.restorer is not None
    return replace(
        recipe,
        networks=NetworkSettings(SIZE, generator, classifier, restorer if multi else None),
        data=DataSettings("digits", ("scikit-image",), batch=TRIPLETS, cover_size=SIZE, augment="none", workers=0),
        minimax=replace(recipe.minimax, joint_steps=0, stage_steps=1),
        phase=PhaseSettings(steps=steps, validate_every=steps),
        transit=replace(recipe.transit, sizes=()),
    )


def small_networks(recipe: Recipe, seed: int = 0) -> MinimaxNetworks:
    """The recipe's networks, all different; the same weights on every call."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        specs = recipe.networks
        classifiers = [build_network(specs.classifier, CLASSIFIERS, num_identities=PEOPLE) for _ in range(3)]
        restorer = None if specs.restorer is None else build_network(specs.restorer, RESTORERS)
        generator = build_network(specs.generator, GENERATORS)
        return MinimaxNetworks(generator, (classifiers[0], classifiers[1]), classifiers[2], restorer)


def small_batch(seed: int = 0, triplets: int = TRIPLETS, cover_size: int = SIZE) -> Batch:
    """Random pixels; anchors and positives of one person each, negatives of another."""
    random = torch.Generator().manual_seed(seed)
    images = 3 * triplets
    people = torch.stack([torch.randperm(PEOPLE, generator=random)[:2] for _ in range(triplets)], dim=1)
    return Batch(
        torch.randint(256, (images, 3, SIZE, SIZE), dtype=torch.uint8, generator=random),
        torch.cat([people[0], people[0], people[1]]),
        torch.randint(256, (images, 3, cover_size, cover_size), dtype=torch.uint8, generator=random),
    )


def cpu_fabric() -> Fabric:
    return Fabric(accelerator="cpu", devices=1)


def constant_validation(networks: object, psnr_db: float | None = None) -> Validation:
    """A validator that likes everything equally."""
    return Validation(score=0.5, numbers={"accuracy": 0.5})


def small_task(recipe: Recipe, networks: MinimaxNetworks | None = None) -> HidingTask:
    """Algorithm 1 on small networks, on the CPU."""
    return HidingTask(cpu_fabric(), networks or small_networks(recipe), recipe, constant_validation)


def with_stage(recipe: Recipe, stage: str, **minimax: object) -> Recipe:
    """The recipe with one stage alone: "joint", "A" or "B"."""
    steps = recipe.phase.steps
    only = {"joint_steps": steps} if stage == "joint" else {"joint_steps": 0, "first_stage": stage}
    return replace(recipe, minimax=replace(recipe.minimax, stage_steps=steps, **only, **minimax))
