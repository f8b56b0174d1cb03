"""Recipes of the paper and of peers at a scale for two CPU cores."""

from dataclasses import replace

import pytest
import torch
from support.small_training import constant_validation, cpu_fabric

from miais.data.batches import Batch
from miais.experiments.paper.worlds import FACES, OBJECTS
from miais.network_kinds import CLASSIFIERS, GENERATORS, RESTORERS
from miais.networks.spec import build_network
from miais.recipes import RECIPES, get_recipe
from miais.recipes.small import small
from miais.training.hiding import HidingTask
from miais.training.minimax import stage_at
from miais.training.minimax_networks import MinimaxNetworks
from miais.training.peer import PeerTask

NAMES = [name for name in RECIPES if name.startswith(("paper", "peer"))]
STEPS, SIZE = 120, 48


@pytest.mark.parametrize("name", NAMES)
def test_what_a_recipe_is_about_stays(name):
    recipe, made = get_recipe(name), small(get_recipe(name), size=SIZE, steps=STEPS)
    assert made.minimax.losses == recipe.minimax.losses
    for stage in ("stage_a", "stage_b", "stage_b_above", "joint", "hiding_threshold", "first_stage"):
        assert getattr(made.minimax, stage) == getattr(recipe.minimax, stage)
    assert (made.peer and made.peer.native) == (recipe.peer and recipe.peer.native)
    assert (made.networks.restorer is None) == (recipe.networks.restorer is None)
    stages = [stage_at(step, made.minimax) for step in range(STEPS)]
    joint = name.startswith("peer") or name in ("paper_baseline", "paper_baseline_content")
    assert set(stages) == ({"joint"} if joint else {"A", "B"})


def test_all_have_one_plan():
    recipes = [small(get_recipe(name), size=SIZE, steps=STEPS, seed=3) for name in NAMES]
    plans = [
        (
            recipe.networks.classifier,
            recipe.networks.secret_classifier,
            recipe.data,
            recipe.pretrain,
            recipe.phase,
            recipe.classifier_optimizer,
            replace(recipe.generator_optimizer, second_beta=0.999),
            recipe.seed,
        )
        for recipe in recipes
    ]
    assert all(plan == plans[0] for plan in plans)


@pytest.mark.parametrize("size", [FACES.size, OBJECTS.size])
@pytest.mark.parametrize("name", NAMES)
def test_every_method_hides_at_the_sizes_of_the_experiments(name, size):
    generator = build_network(small(get_recipe(name), size=size, steps=STEPS).networks.generator, GENERATORS)
    images = torch.rand(2, 3, size, size)
    assert generator(images, images.flip(0)).shape == images.shape


@pytest.mark.parametrize("name", ["paper_single", "paper_multi", "peer_hinet", "peer_stegnet"])
def test_a_step_can_be_made(name):
    recipe = small(get_recipe(name), size=SIZE, steps=STEPS)
    specs, people = recipe.networks, 5
    classifiers = [build_network(specs.classifier, CLASSIFIERS, num_identities=people) for _ in range(3)]
    restorer = None if specs.restorer is None else build_network(specs.restorer, RESTORERS)
    generator = build_network(specs.generator, GENERATORS)
    if recipe.peer is not None:
        restorer.share(generator)
    networks = MinimaxNetworks(generator, (classifiers[0], classifiers[1]), classifiers[2], restorer)
    kind = HidingTask if recipe.peer is None else PeerTask
    task = kind(cpu_fabric(), networks, recipe, constant_validation)
    images = torch.randint(256, (6, 3, SIZE, SIZE), dtype=torch.uint8)
    labels = torch.arange(6) % people
    assert task.step(0, [Batch(images, labels, images.flip(0))])["skipped"] == 0


def test_the_two_classifiers_part():
    """They start with the same weights: something must tell them apart, or minimax is no game."""
    recipe = small(get_recipe("paper_single"), size=SIZE, steps=STEPS)
    people = 5
    first, second, secret = (
        build_network(recipe.networks.classifier, CLASSIFIERS, num_identities=people) for _ in range(3)
    )
    second.load_state_dict(first.state_dict())
    generator = build_network(recipe.networks.generator, GENERATORS)
    networks = MinimaxNetworks(generator, (first, second), secret, None)
    task = HidingTask(cpu_fabric(), networks, recipe, constant_validation)
    images = torch.randint(256, (6, 3, SIZE, SIZE), dtype=torch.uint8)
    task.step(1, [Batch(images, torch.arange(6) % people, images.flip(0))])
    assert stage_at(1, recipe.minimax) == "A"
    assert not torch.equal(next(first.parameters()), next(second.parameters()))
