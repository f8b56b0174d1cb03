"""A generator and a restorer that run one set of weights: every weight is one, wherever networks come in pairs."""

import math
from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from support.invertible_networks import SIDE, SPEC, shake
from support.small_training import PEOPLE, SIZE, small_batch, small_recipe, small_task, with_stage

from miais.image import from_uint8
from miais.networks.build import CLASSIFIERS, GENERATORS, build_restorer
from miais.networks.spec import build_network
from miais.training.checkpoint import load_checkpoint, save_checkpoint
from miais.training.minimax import joint_stage, stage_b
from miais.training.minimax_networks import MinimaxNetworks
from miais.training.objective_settings import GeneratorWeights
from miais.training.optimization import Mover, step_together
from miais.training.settings import OptimizerSettings
from miais.training.transit import Sample, Transit


def invertible_recipe(steps=6):
    recipe = small_recipe("lfw_multi", steps=steps)
    assert SIDE == SIZE
    return replace(recipe, networks=replace(recipe.networks, generator=SPEC, restorer=SPEC))


def invertible_networks(recipe):
    """The recipe's networks; the same weights on every call, and a generator that has left its start."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        classifiers = [build_network(recipe.networks.classifier, CLASSIFIERS, num_identities=PEOPLE) for _ in range(3)]
        generator = shake(build_network(recipe.networks.generator, GENERATORS))
    restorer = build_restorer(recipe.networks.restorer, generator)
    return MinimaxNetworks(generator, (classifiers[0], classifiers[1]), classifiers[2], restorer)


def weights_of(network):
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


@pytest.mark.parametrize(("stage", "moves"), [("A", "f1 f2"), ("B", "h r"), ("joint", "h f1 r")])
def test_a_stage_moves_both_or_neither(stage, moves):
    recipe = with_stage(invertible_recipe(), stage)
    networks = invertible_networks(recipe)
    task = small_task(recipe, networks)
    task.step(0, [small_batch(0)])
    before = deepcopy(networks)
    assert before.restorer.blocks is before.generator.blocks  # a copy shares as well
    assert task.step(1, [small_batch(1)])["skipped"] == 0
    names = ("h", "f1", "f2", "v", "r")
    pairs = zip(names, networks.children_flat(), before.children_flat(), strict=True)
    moved = {name for name, new, old in pairs if not torch.equal(weights_of(new), weights_of(old))}
    assert moved == set(moves.split())
    assert networks.restorer.blocks is networks.generator.blocks


def test_a_mover_has_every_weight_once():
    networks = invertible_networks(invertible_recipe())
    mover = Mover(networks.moving("B"), OptimizerSettings())
    assert list(map(id, mover.parameters)) == list(map(id, networks.generator.parameters()))


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_clipping_and_step_are_those_of_one_network(name):
    """Counted twice, the norm would be too large by the root of two, and every step would be done twice."""
    settings = OptimizerSettings(name, lr=0.1, clip_norm=0.5)
    moved = []
    for shared in (True, False):
        networks = invertible_networks(invertible_recipe())
        mover = Mover(networks.moving("B") if shared else [networks.generator], settings)
        for parameter in networks.generator.parameters():
            parameter.grad = torch.full_like(parameter, 0.01)
        assert step_together([mover], usable=True)
        moved.append(weights_of(networks.generator))
    assert torch.equal(*moved)
    if name == "sgd":
        step = weights_of(invertible_networks(invertible_recipe()).generator) * (1 - 0.1 * settings.weight_decay)
        assert float((moved[0] - step).norm()) == pytest.approx(0.1 * 0.5, rel=1e-3)


@pytest.mark.parametrize("stage", ["joint", "B"])
def test_gradient_is_that_of_the_whole_objective(stage, monkeypatch):
    """Hiding and restoring count once each. Taken early, the restoration's gradient once ran on into the generator."""
    recipe = invertible_recipe()
    weights = GeneratorWeights(3.0, 0.5, 0.3, 0.1, 10.0)
    settings = replace(recipe.minimax, joint=weights, losses=replace(recipe.minimax.losses, restoration_mse=10.0))
    batch = small_batch(0)
    sample = Sample(from_uint8(batch.secrets), batch.labels, from_uint8(batch.covers))
    gradients = []
    for early in (True, False):
        if not early:
            monkeypatch.setattr("miais.training.minimax.early_gradient", lambda term_of, images, *_: term_of(images))
        networks = invertible_networks(recipe)
        networks.enter_stage(stage, fixed="eval")
        passage = Transit(recipe.transit, SIZE)(
            networks.generator, sample, psnr_db=30.0, random=torch.Generator().manual_seed(0)
        )
        if stage == "joint":
            loss = joint_stage(networks, passage, sample, settings)
        else:
            loss = stage_b(networks, passage, sample, settings, weights)
        loss.total.backward()
        gradients.append({name: one.grad for name, one in networks.generator.named_parameters()})
    assert all(gradient.any() for gradient in gradients[0].values())
    for name, gradient in gradients[0].items():
        scale = float(gradient.abs().max())
        torch.testing.assert_close(gradient, gradients[1][name], rtol=1e-3, atol=1e-4 * scale, msg=name)


def test_a_checkpoint_taken_up_goes_on_as_if_there_had_been_none(tmp_path):
    recipe = invertible_recipe()
    recipe = replace(recipe, minimax=replace(recipe.minimax, joint_steps=2))
    whole, first, second = (small_task(recipe, invertible_networks(recipe)) for _ in range(3))
    for step in range(6):
        whole.step(step, [small_batch(step)])
    for step in range(3):
        first.step(step, [small_batch(step)])
    save_checkpoint(tmp_path, 3, first.state_dict())
    second.load_state_dict(load_checkpoint(tmp_path)[1])
    for step in range(3, 6):
        second.step(step, [small_batch(step)])
    for name, tensor in whole.networks.state_dict().items():
        assert torch.equal(second.networks.state_dict()[name], tensor), name
        assert math.isfinite(float(tensor.float().abs().max()))
    assert second.networks.restorer.blocks is second.networks.generator.blocks
