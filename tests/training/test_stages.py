"""Which stage is due, and what it may move."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from support.small_training import small_batch, small_networks, small_recipe, small_task, with_stage
from torch import nn

from miais.image import from_uint8
from miais.training.minimax import stage_at
from miais.training.objective_settings import MinimaxSettings

NAMES = ("h", "f1", "f2", "v", "r")
MOVES = {"A": {"f1", "f2"}, "B": {"h", "r"}, "joint": {"h", "f1", "r"}}
# Whose forward passes a stage needs; r and, in the joint stage, f2 are not asked where nothing is wanted of them.
ASKS = {"A": {"h", "f1", "f2"}, "B": {"h", "f1", "f2", "r"}, "joint": {"h", "f1", "r"}}


def stages(count, **settings):
    return [stage_at(step, MinimaxSettings(**settings)) for step in range(count)]


def test_stages_take_turns_as_in_algorithm_1():
    assert stages(4) == ["A", "B", "A", "B"]
    assert stages(4, first_stage="B") == ["B", "A", "B", "A"]


def test_stages_have_their_length_and_the_joint_objective_comes_first():
    assert stages(9, stage_steps=3, joint_steps=2) == ["joint"] * 2 + ["A"] * 3 + ["B"] * 3 + ["A"]
    assert stages(6, stage_steps=2, joint_steps=1, first_stage="B") == ["joint", "B", "B", "A", "A", "B"]


def by_name(networks):
    """h, f1, f2, v and r, where there is one."""
    return dict(zip(NAMES, networks.children_flat(), strict=False))


def differ(some, others):
    return any(not torch.equal(one, other) for one, other in zip(some, others, strict=True))


def changed(network, before):
    """Whether any weight, and whether any batch statistic, differs from those of another network."""
    return differ(network.parameters(), before.parameters()), differ(network.buffers(), before.buffers())


@pytest.fixture(params=["eval", "train"])
def fixed(request):
    return request.param


@pytest.mark.parametrize("preset", ["paper_single", "paper_multi"])
@pytest.mark.parametrize("stage", ["A", "B", "joint"])
def test_a_stage_moves_its_own_networks_and_fixed_ones_rest(preset, stage, fixed):
    recipe = with_stage(small_recipe(preset), stage, fixed=fixed)
    networks = small_networks(recipe)
    task = small_task(recipe, networks)
    task.step(0, [small_batch(0)])  # also makes f2 start as f1
    before = deepcopy(networks)
    for step in (1, 2):
        assert task.step(step, [small_batch(step)])["skipped"] == 0
    found = by_name(networks)
    assert len(found) == (4 if preset == "paper_single" else 5)
    for name, copy in by_name(before).items():
        weights, statistics = changed(found[name], copy)
        moves = name in MOVES[stage]
        assert weights == moves, name
        assert any(isinstance(module, nn.BatchNorm2d) for module in copy.modules())
        asked = name in ASKS[stage]
        assert statistics == (asked and (moves or (fixed == "train" and name != "v"))), name


def test_dropout_is_off_in_networks_that_are_really_fixed():
    networks = small_networks(small_recipe("paper_multi", dropout=0.5))
    networks.enter_stage("B", fixed="eval")
    assert [network.training for network in networks.children_flat()] == [True, False, False, False, True]
    networks.enter_stage("A", fixed="eval")
    assert [network.training for network in networks.children_flat()] == [False, True, True, False, False]


@pytest.mark.parametrize("stage", ["A", "joint"])
def test_kept_batch_statistics_do_not_move_and_are_what_training_normalises_with(stage):
    recipe = with_stage(small_recipe("lfw_single"), stage)
    assert recipe.minimax.batch_statistics == "kept"
    networks = small_networks(recipe)
    task = small_task(recipe, networks)
    before = deepcopy(networks.classifiers)
    task.step(0, [small_batch(0)])
    weights, statistics = changed(networks.classifiers[0], before[0])
    assert weights
    assert not statistics
    networks.enter_stage(stage, fixed="eval", batch_statistics="kept")
    images = from_uint8(small_batch(1).secrets)
    alone, together = (networks.classifiers[0](chosen).embedding for chosen in (images[:1], images))
    torch.testing.assert_close(alone, together[:1])
    assert networks.classifiers[0].training  # dropout would still act


def test_in_the_authors_mode_only_the_secret_classifier_is_in_eval_mode():
    networks = small_networks(small_recipe("paper_multi"))
    for stage in ("A", "B", "joint"):
        networks.enter_stage(stage, fixed="train")
        assert [network.training for network in networks.children_flat()] == [True, True, True, False, True]


def test_the_secret_classifier_never_gets_a_gradient():
    recipe = small_recipe("paper_multi")
    networks = small_networks(recipe)
    for stage in ("joint", "A", "B"):
        networks.enter_stage(stage, fixed="train")
        assert not any(parameter.requires_grad for parameter in networks.secret_classifier.parameters())
    assert sum(parameter.requires_grad for parameter in networks.parameters()) > 0


def test_f2_starts_as_f1_after_the_joint_steps():
    recipe = small_recipe()
    recipe = replace(recipe, minimax=replace(recipe.minimax, joint_steps=1, first_stage="B"))
    networks = small_networks(recipe)
    task = small_task(recipe, networks)
    first, second = networks.classifiers
    task.step(0, [small_batch(0)])
    assert changed(second, first)[0]
    task.step(1, [small_batch(1)])  # Stage B moves neither of them
    assert changed(second, first) == (False, False)


def test_heads_apart_moves_f2_by_that_share_of_its_weights_and_the_same_way_every_time():
    recipe = small_recipe()
    recipe = replace(recipe, minimax=replace(recipe.minimax, heads_apart=0.02, first_stage="B"))
    moved = []
    for _ in range(2):
        networks = small_networks(recipe)
        small_task(recipe, networks).step(0, [small_batch(0)])
        first, second = networks.classifiers
        assert torch.equal(first.head, small_networks(recipe).classifiers[0].head)
        moved.append((second.head - first.head).detach())
    assert torch.equal(*moved)
    assert float(moved[0].std() / first.head.std()) == pytest.approx(0.02, rel=0.3)


def test_while_the_joint_objective_runs_a_system_answers_with_f1_twice():
    recipe = small_recipe()
    recipe = replace(recipe, minimax=replace(recipe.minimax, joint_steps=2, heads_apart=0.1))
    networks = small_networks(recipe)
    task = small_task(recipe, networks)
    first, second = networks.classifiers
    for step in range(2):
        task.step(step, [small_batch(step)])
    task.validate(2)
    assert changed(second, first) == (False, False)
    task.step(2, [small_batch(2)])
    task.validate(3)
    assert changed(second, first)[0]
