import math
from collections import Counter
from dataclasses import replace

import pytest
import torch
from support.small_training import (
    SIZE,
    TRIPLETS,
    constant_validation,
    cpu_fabric,
    small_batch,
    small_networks,
    small_recipe,
    small_task,
    with_stage,
)

from miais.metrics import psnr
from miais.training import hiding
from miais.training.hiding import HidingTask
from miais.training.minimax import StageLoss
from miais.training.objective_settings import ClassifierWeights, GeneratorWeights, MinimaxSettings
from miais.training.optimization import TrainingDivergedError
from miais.training.settings import OptimizerSettings, TransitSettings

MULTI = ("paper_multi", "official_multi", "lfw_multi")


def parameters_of(networks):
    return {name: parameter.detach().clone() for name, parameter in networks.named_parameters()}


def moved(networks, before):
    return {name for name, value in parameters_of(networks).items() if not torch.equal(value, before[name])}


def count_calls(networks):
    """Count the images that pass each network, and the calls, from now on."""
    calls, images = Counter(), Counter()

    def note(name):
        def hook(module, arguments, output):
            calls[name] += 1
            images[name] += len(arguments[0])

        return hook

    for name, network in zip(("h", "f1", "f2", "v", "r"), networks.children_flat(), strict=False):
        network.register_forward_hook(note(name))
    return calls, images


@pytest.mark.parametrize("preset", MULTI)
@pytest.mark.parametrize("stage", ["A", "B", "joint"])
def test_no_network_does_its_work_twice(preset, stage):
    recipe = with_stage(small_recipe(preset), stage)
    settings = recipe.minimax
    networks = small_networks(recipe)
    calls, images = count_calls(networks)
    small_task(recipe, networks).step(0, [small_batch(0)])
    if stage == "A":
        expected = {"h": 1, "f1": 1, "f2": 1, "v": int(settings.stage_a.distillation + settings.stage_a.hints > 0)}
    else:
        weights = settings.joint if stage == "joint" else settings.stage_b
        # The secrets' features, computed once for content loss and distillation, and the containers'.
        features = int(weights.content + weights.distillation + weights.hints > 0) + int(weights.content > 0)
        expected = {"h": 1, "f1": 1, "f2": int(stage == "B"), "v": features, "r": 1}
    assert calls == Counter(expected)
    assert all(images[name] == 3 * TRIPLETS * count for name, count in calls.items())


def test_stage_a_builds_no_graph_through_the_generator():
    recipe = with_stage(small_recipe("paper_multi"), "A", fixed="train")
    networks = small_networks(recipe)
    seen = []
    networks.generator.register_forward_hook(lambda module, inputs, output: seen.append(output))
    small_task(recipe, networks).step(0, [small_batch(0)])
    assert len(seen) == 1
    assert not seen[0].requires_grad
    assert all(parameter.grad is None for parameter in networks.parameters())


def fixed_batch_discrepancies(stage, steps, **weights):
    """L_dis before each of some steps of one stage on one batch."""
    recipe = with_stage(small_recipe("lfw_single"), stage, **weights)
    adam = OptimizerSettings("adam", lr=3e-3, weight_decay=0.0)
    recipe = replace(recipe, generator_optimizer=adam, classifier_optimizer=adam)
    networks = small_networks(recipe)
    task = small_task(recipe, networks)
    task._part_classifiers = lambda: None  # f1 and f2 stay as different as they were made
    return [task.step(step, [small_batch(0)])[f"{stage}/discrepancy"] for step in range(steps)]


def test_discrepancy_rises_in_stage_a():
    found = fixed_batch_discrepancies("A", 8, stage_a=ClassifierWeights(identity=0.1, discrepancy=1.0))
    assert found[-1] > 1.2 * found[0]


def test_discrepancy_falls_in_stage_b():
    weights = GeneratorWeights(visual=1.0, content=0.1, identity=0.1, discrepancy=1.0)
    found = fixed_batch_discrepancies("B", 8, stage_b=weights)
    assert found[-1] < 0.9 * found[0]


@pytest.mark.parametrize("preset", ["paper_multi", "lfw_multi"])
def test_gradients_of_accumulated_batches_are_summed(preset):
    recipe = with_stage(small_recipe(preset), "B", fixed="eval", heads_apart=0.5)
    recipe = replace(
        recipe,
        transit=TransitSettings(),
        generator_optimizer=OptimizerSettings("sgd", lr=1e-3, momentum=0.0, weight_decay=0.0),
    )
    changes = []
    for batches in ([small_batch(0)], [small_batch(1)], [small_batch(0), small_batch(1)]):
        networks = small_networks(recipe)
        before = parameters_of(networks.generator)
        small_task(recipe, networks).step(0, batches)
        changes.append(torch.cat([(p - before[n]).flatten() for n, p in networks.generator.named_parameters()]))
    first, second, both = (change.detach() for change in changes)
    assert float((first - second).norm()) > 0.1 * float(first.norm())
    assert float((first + second - both).norm()) < 1e-3 * float(both.norm())


def bad_loss(monkeypatch, steps, value=math.nan):
    """Replace the loss at some steps, counted by calls."""
    honest, calls = HidingTask._loss, Counter()

    def loss(self, stage, *arguments):
        found = honest(self, stage, *arguments)
        calls["all"] += 1
        return StageLoss(found.total * value, found.terms) if calls["all"] - 1 in steps else found

    monkeypatch.setattr(HidingTask, "_loss", loss)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e6])
def test_a_bad_loss_moves_nothing_and_is_counted(monkeypatch, value):
    bad_loss(monkeypatch, {1}, value)
    recipe = with_stage(small_recipe("paper_multi"), "joint")
    networks = small_networks(recipe)
    task = small_task(recipe, networks)
    assert task.step(0, [small_batch(0)])["skipped"] == 0
    before = parameters_of(networks)
    assert task.step(1, [small_batch(1)])["skipped"] == 1
    assert moved(networks, before) == set()
    assert all(parameter.grad is None for parameter in networks.parameters())
    assert task.step(2, [small_batch(2)])["skipped"] == 1
    assert moved(networks, before) != set()


def test_a_batch_that_is_not_a_number_leaves_no_trace(monkeypatch):
    """The forward pass wrote NaN into the BatchNorm statistics before the loss was known to be bad; every later step of
    the other stage was then NaN, while the good ones between them kept the run from stopping."""
    recipe = with_stage(small_recipe("paper_multi"), "joint")
    networks = small_networks(recipe)
    task = small_task(recipe, networks)
    before = {name: value.clone() for name, value in networks.state_dict().items() if value.is_floating_point()}
    honest = HidingTask._sample
    with monkeypatch.context() as patch:
        patch.setattr(
            HidingTask,
            "_sample",
            lambda self, batch: honest(self, batch)._replace(covers=torch.tensor(math.nan).expand(6, 3, SIZE, SIZE)),
        )
        assert task.step(0, [small_batch(0)])["skipped"] == 1
    after = networks.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert task.step(1, [small_batch(1)])["skipped"] == 1


def test_one_bad_batch_spoils_the_whole_accumulated_step(monkeypatch):
    bad_loss(monkeypatch, {1})
    recipe = with_stage(small_recipe("paper_multi"), "B")
    networks = small_networks(recipe)
    task = small_task(recipe, networks)
    task._part_classifiers()
    before = parameters_of(networks)
    log = task.step(0, [small_batch(0), small_batch(1), small_batch(2)])
    assert log["skipped"] == 1
    assert moved(networks, before) == set()


def test_a_bad_gradient_of_one_network_keeps_all_others_where_they_are():
    recipe = with_stage(small_recipe("paper_multi"), "joint")
    networks = small_networks(recipe)
    networks.classifiers[0].head.register_hook(lambda gradient: gradient * math.nan)
    before = parameters_of(networks)
    log = small_task(recipe, networks).step(0, [small_batch(0)])
    assert math.isfinite(log["loss"])
    assert log["skipped"] == 1
    assert moved(networks, before) == set()


def test_too_many_bad_losses_stop_the_run_with_advice(monkeypatch):
    bad_loss(monkeypatch, set(range(100)))
    task = small_task(with_stage(small_recipe("lfw_single"), "A"))
    for step in range(19):
        task.step(step, [small_batch(step)])
    with pytest.raises(TrainingDivergedError, match=r"20 steps of the stage 'A' .* Lower the learning rates "):
        task.step(19, [small_batch(19)])


def test_weights_of_stage_b_follow_the_mean_visual_loss_of_the_previous_stage_b(monkeypatch):
    recipe = small_recipe("paper_single")
    above = replace(recipe.minimax.stage_b, visual=10.0)
    settings = replace(recipe.minimax, stage_steps=2, first_stage="B", stage_b_above=above, hiding_threshold=0.5)
    used, visual = [], iter([0.9, 0.3, 0.4, 0.5, 0.6, 0.6])

    def stage_b(networks, passage, sample, settings, weights):
        used.append(weights.visual)
        value = torch.tensor(next(visual)) + 0 * passage.seen.sum()
        return StageLoss(value, {"visual": value})

    monkeypatch.setattr(hiding, "stage_b", stage_b)
    task = small_task(replace(recipe, minimax=settings))
    for step in range(10):
        task.step(step, [small_batch(step)])
    # Means of the three stages: 0.6, 0.45, 0.6.
    assert used == [10.0, 10.0, 10.0, 10.0, 1.0, 1.0]


def test_containers_keep_the_ramp_of_the_psnr_budget(monkeypatch):
    recipe = small_recipe("lfw_single", steps=10)
    transit = TransitSettings(psnr_start_db=30.0, psnr_db=50.0, psnr_ramp=0.5)
    recipe = replace(with_stage(recipe, "A"), transit=transit)
    found, honest = [], hiding.stage_a

    def stage_a(networks, passage, sample, settings):
        found.append(float(psnr(passage.containers, passage.covers).min()))
        return honest(networks, passage, sample, settings)

    monkeypatch.setattr(hiding, "stage_a", stage_a)
    task = small_task(recipe)
    torch.nn.init.normal_(task.networks.generator.body.leave.weight)  # changes the cover more than any budget allows
    for step in (0, 1, 4, 5, 9):
        task.step(step, [small_batch(0)])
    assert found == pytest.approx([30, 34, 46, 50, 50], abs=0.3)


def test_validation_is_under_the_last_budget_and_in_eval_mode():
    recipe = small_recipe("lfw_single", steps=10)
    recipe = replace(recipe, transit=TransitSettings(psnr_start_db=30.0, psnr_db=50.0))
    seen = []

    def validate(networks, psnr_db):
        seen.append((psnr_db, any(module.training for module in networks.modules())))
        return constant_validation(networks)

    task = HidingTask(cpu_fabric(), small_networks(recipe), recipe, validate)
    task.step(0, [small_batch(0)])
    assert task.validate(1).score == 0.5
    assert seen == [(50.0, False)]


def test_a_stagnating_validated_loss_lowers_both_learning_rates():
    recipe = small_recipe("paper_multi")
    task = small_task(recipe)
    for step in range(1, 14):
        task.validate(step)
    rates = [mover.optimizer.param_groups[0]["lr"] for mover in (task.hider_mover, task.classifier_mover)]
    assert rates == pytest.approx([1e-4 * 0.2] * 2)


def test_log_names_the_stage_and_every_term():
    recipe = small_recipe("paper_multi")
    recipe = replace(recipe, minimax=replace(recipe.minimax, joint_steps=1))
    task = small_task(recipe)
    logs = [task.step(step, [small_batch(step)]) for step in range(3)]
    stages = [{name.split("/")[0] for name in log} - {"loss", "skipped"} for log in logs]
    assert stages == [{"joint"}, {"A"}, {"B"}]
    assert all(math.isfinite(value) for log in logs for value in log.values())


def test_distortions_and_sizes_differ_between_steps_and_batches_and_repeat_with_the_seed():
    task, same = (small_task(small_recipe("official_single")) for _ in range(2))
    seeds = {task._seed(step, number) for step in range(50) for number in range(8)}
    assert len(seeds) == 400
    assert task._seed(3, 1) == same._seed(3, 1)


def test_a_batch_arrives_as_floating_point_in_the_order_it_was_made():
    batch = small_batch(0)
    sample = small_task(small_recipe())._sample(batch)
    assert sample.secrets.shape == sample.covers.shape == (3 * TRIPLETS, 3, SIZE, SIZE)
    torch.testing.assert_close(sample.secrets, batch.secrets / 255)
    torch.testing.assert_close(sample.covers, batch.covers / 255)
    assert torch.equal(sample.labels, batch.labels)


def test_settings_out_of_range_are_refused():
    for arguments in ({"stage_steps": 0}, {"joint_steps": -1}, {"hiding_threshold": 0.0}):
        with pytest.raises(ValueError, match=next(iter(arguments))):
            MinimaxSettings(**arguments)


@pytest.mark.parametrize("stage", ["joint", "B"])
def test_pressure_weighs_the_image_losses_of_every_step_that_hides(monkeypatch, stage):
    recipe = with_stage(small_recipe("paper_single"), stage, pressure=0.5, hiding_threshold=0.1, stage_b_above=None)
    used, visual = [], iter([0.2, 0.05, 0.1])

    def loss(networks, passage, sample, settings, weights=None):
        pressed = weights or settings.joint
        used.append((pressed.visual, pressed.restoration, pressed.identity))
        value = torch.tensor(next(visual)) + 0 * passage.seen.sum()
        return StageLoss(value, {"visual": value})

    monkeypatch.setattr(hiding, "joint_stage" if stage == "joint" else "stage_b", loss)
    task = small_task(recipe)
    for step in range(3):
        task.step(step, [small_batch(step)])
    plain = recipe.minimax.joint if stage == "joint" else recipe.minimax.stage_b
    # Twice the threshold is one above it, half of it a half below.
    for factor, weights in zip((1, math.exp(0.5), math.exp(0.25)), used, strict=True):
        assert weights == pytest.approx((factor * plain.visual, factor * plain.restoration, plain.identity))
    again = small_task(recipe)
    again.load_state_dict(task.state_dict())
    assert again.pressure.factor() == task.pressure.factor()


def test_stage_a_has_no_pressure():
    task = small_task(with_stage(small_recipe("paper_single"), "A", pressure=0.5))
    task.step(0, [small_batch()])
    assert task.pressure.factor() == 1
