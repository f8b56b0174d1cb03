import copy
import math

import pytest
import torch
from torch import nn

from miais.training.optimization import LossGuard, Mover, StatisticsBackup, TrainingDivergedError, step_together
from miais.training.settings import OptimizerSettings

PLAIN = {"momentum": 0.0, "weight_decay": 0.0}


def make_network(seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Linear(3, 2)


def with_gradients(network, value=None):
    for parameter in network.parameters():
        if value is None:
            parameter.grad = torch.linspace(-1, 2, parameter.numel()).view_as(parameter)
        else:
            parameter.grad = torch.full_like(parameter, value)
    return network


def values(network):
    return [parameter.detach().clone() for parameter in network.parameters()]


def take_step(network, settings):
    mover = Mover([network], settings)
    mover.set_progress(0.5)
    assert step_together([mover], usable=True)
    return mover


def test_sgd_has_momentum_and_weight_decay():
    network = with_gradients(make_network())
    mover = Mover([network], OptimizerSettings("sgd", lr=0.1, momentum=0.9, weight_decay=0.01))
    expected = values(network)
    momentum = [torch.zeros_like(weight) for weight in expected]
    for _ in range(3):
        with_gradients(network)
        gradients = [parameter.grad.clone() for parameter in network.parameters()]
        assert step_together([mover], usable=True)
        momentum = [0.9 * m + g + 0.01 * w for m, g, w in zip(momentum, gradients, expected, strict=True)]
        expected = [w - 0.1 * m for w, m in zip(expected, momentum, strict=True)]
    for found, wanted in zip(values(network), expected, strict=True):
        torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_first_adam_step_is_one_learning_rate_long_and_decays_as_its_name_says(name):
    network = with_gradients(make_network())
    before, gradients = values(network), [parameter.grad.clone() for parameter in network.parameters()]
    take_step(network, OptimizerSettings(name, lr=0.1, momentum=0.5, weight_decay=0.2))
    for found, weight, gradient in zip(values(network), before, gradients, strict=True):
        if name == "adam":
            expected = weight - 0.1 * (gradient + 0.2 * weight).sign()
        else:
            expected = weight * (1 - 0.1 * 0.2) - 0.1 * gradient.sign()
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_momentum_is_adams_first_beta():
    mover = Mover([make_network()], OptimizerSettings("adam", momentum=0.5))
    assert mover.optimizer.param_groups[0]["betas"] == (0.5, 0.999)


def rates(settings, shares):
    mover = Mover([make_network()], settings)
    found = []
    for share in shares:
        mover.set_progress(share)
        found.append(mover.optimizer.param_groups[0]["lr"])
    return found


def test_constant_schedule():
    assert rates(OptimizerSettings(lr=0.3), [0.0, 0.5, 1.0]) == [0.3] * 3


def test_cosine_schedule_rises_falls_and_ends_at_zero():
    settings = OptimizerSettings(lr=0.2, schedule="cosine", warmup=0.2)
    found = rates(settings, [0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 1.0])
    fallen = [0.1 * (1 + math.cos(math.pi * share)) for share in (0, 0.25, 0.5, 1)]
    assert found == pytest.approx([0.2e-3, 0.05, 0.1, *fallen])


def test_cosine_schedule_without_warmup_starts_at_the_top():
    assert rates(OptimizerSettings(lr=0.2, schedule="cosine"), [0.0, 0.5]) == pytest.approx([0.2, 0.1])


def test_plateau_schedule_multiplies_by_a_fifth_when_the_score_stagnates():
    mover = Mover([make_network()], OptimizerSettings(lr=1.0, schedule="plateau"))
    found = []
    for score in [0.1, 0.2, *[0.2] * 22]:
        mover.validated(score)
        mover.set_progress(0.5)
        found.append(mover.optimizer.param_groups[0]["lr"])
    assert found == pytest.approx([1.0] * 12 + [0.2] * 11 + [0.04])


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_other_schedules_do_not_listen_to_the_validated_score(schedule):
    mover = Mover([make_network()], OptimizerSettings(lr=1.0, schedule=schedule))
    for _ in range(40):
        mover.validated(1.0)
    mover.set_progress(0.0)
    assert mover.optimizer.param_groups[0]["lr"] == 1.0


@pytest.mark.parametrize(("clip_norm", "length"), [(0.0, math.sqrt(8) * 3), (0.5, 0.5), (100.0, math.sqrt(8) * 3)])
def test_gradients_are_clipped_to_the_norm_over_all_networks(clip_norm, length):
    networks = [make_network(seed) for seed in (0, 1)]
    before = [value for network in networks for value in values(network)]
    for network in networks:
        with_gradients(network, 3.0 / math.sqrt(2))
    mover = Mover(networks, OptimizerSettings("sgd", lr=1.0, clip_norm=clip_norm, **PLAIN))
    assert step_together([mover], usable=True)
    after = [value for network in networks for value in values(network)]
    moved = math.hypot(*(float((new - old).norm()) for new, old in zip(after, before, strict=True)))
    assert moved == pytest.approx(length, rel=1e-4)


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_a_weight_that_two_networks_share_is_clipped_and_moved_once(name):
    """Counted twice, the norm would be too large by the root of two, and every step would be done twice."""
    settings = OptimizerSettings(name, lr=0.1, clip_norm=0.5)
    moved = []
    for shared in (True, False):
        network = make_network()
        mover = Mover([network, nn.Sequential(network)] if shared else [network], settings)
        assert list(map(id, mover.parameters)) == list(map(id, network.parameters()))
        with_gradients(network, 1.0)
        assert step_together([mover], usable=True)
        moved.append(values(network))
    for found, wanted in zip(*moved, strict=True):
        assert torch.equal(found, wanted)


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("clip_norm", [0.0, 1.0])
def test_a_gradient_that_is_not_finite_moves_nothing(value, clip_norm):
    good, bad = with_gradients(make_network(0)), with_gradients(make_network(1))
    bad.bias.grad[0] = value
    before = values(good) + values(bad)
    settings = OptimizerSettings("adam", clip_norm=clip_norm)
    movers = [Mover([network], settings) for network in (good, bad)]
    assert not step_together(movers, usable=True)
    assert all(torch.equal(new, old) for new, old in zip(values(good) + values(bad), before, strict=True))
    assert all(parameter.grad is None for network in (good, bad) for parameter in network.parameters())
    assert all(not mover.optimizer.state for mover in movers)


def test_unusable_losses_move_nothing_and_gradients_are_forgotten():
    network = with_gradients(make_network())
    before = values(network)
    assert not step_together([Mover([network], OptimizerSettings())], usable=False)
    assert all(torch.equal(new, old) for new, old in zip(values(network), before, strict=True))
    assert all(parameter.grad is None for parameter in network.parameters())


def test_a_network_without_gradients_stays_even_with_weight_decay():
    networks = [with_gradients(make_network(0)), make_network(1)]
    before = values(networks[1])
    assert step_together([Mover(networks, OptimizerSettings(weight_decay=0.5))], usable=True)
    assert all(torch.equal(new, old) for new, old in zip(values(networks[1]), before, strict=True))


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_state_goes_on_bit_for_bit(name):
    settings = OptimizerSettings(name, schedule="plateau")
    network = with_gradients(make_network())
    mover = take_step(network, settings)
    mover.validated(0.5)
    other_network = copy.deepcopy(network)
    other = Mover([other_network], settings)
    other.load_state_dict(copy.deepcopy(mover.state_dict()))
    for one_mover, one in ((mover, network), (other, other_network)):
        with_gradients(one)
        for _ in range(11):
            one_mover.validated(0.5)
        assert step_together([one_mover], usable=True)
    assert other.optimizer.param_groups[0]["lr"] == pytest.approx(1e-3 * 0.2)
    assert all(torch.equal(new, old) for new, old in zip(values(network), values(other_network), strict=True))


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_state_comes_back_in_the_memory_layout_of_the_weights(name):
    network = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    network(torch.rand(2, 3, 5, 5)).square().sum().backward()
    mover = take_step(network, OptimizerSettings(name))
    state = copy.deepcopy(mover.state_dict())
    moments = state["optimizer"]["state"][0]
    tensors = [key for key, value in moments.items() if torch.is_tensor(value) and value.ndim == 4]
    assert tensors
    state["optimizer"]["state"][0] |= {key: moments[key].contiguous() for key in tensors}
    other = Mover([network], OptimizerSettings(name))
    other.load_state_dict(state)
    for key in tensors:
        found = other.optimizer.state[network.weight][key]
        assert found.is_contiguous(memory_format=torch.channels_last)
        assert torch.equal(found, moments[key])


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="positive lr, got 0"):
        OptimizerSettings(lr=0)
    with pytest.raises(ValueError, match=r"warmup in \[0, 1\), got 1"):
        OptimizerSettings(warmup=1)


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf, 31.0, -31.0])
def test_guard_refuses_losses_that_are_not_finite_or_explode(loss):
    guard = LossGuard(jump=10.0)
    assert guard.usable("B", 2.0)
    assert not guard.usable("B", loss)
    assert guard.usable("B", 2.5)  # the bad one did not enter the mean


def test_guard_judges_each_stage_by_its_own_mean():
    guard = LossGuard(jump=10.0)
    assert guard.usable("A", -5.0)
    assert guard.usable("B", 500.0)
    assert guard.usable("B", 900.0)
    assert not guard.usable("A", 500.0)


def test_guard_follows_a_loss_that_grows_slowly():
    guard = LossGuard(jump=10.0)
    assert all(guard.usable("B", 1.02**step) for step in range(400))


def test_guard_takes_any_finite_first_loss():
    assert LossGuard().usable("A", 1e9)


def test_guard_counts_and_stops_after_too_many_in_a_row():
    guard = LossGuard(limit=3)
    for usable in (False, False, True, False, False):
        guard.record("A", usable)
    assert guard.skipped == 4
    with pytest.raises(TrainingDivergedError, match="3 steps of the stage 'A' in a row") as caught:
        guard.record("A", False)
    assert all(word in str(caught.value) for word in ("learning rates", "clip_norm", "start anew"))
    assert guard.skipped == 5


def test_a_stage_that_works_does_not_hide_one_that_never_does():
    """Stages alternate: counted together, one of them could fail for ever and no 20 steps in a row were bad."""
    guard = LossGuard(limit=3)
    for _ in range(2):
        guard.record("A", True)
        guard.record("B", False)
    guard.record("A", True)
    with pytest.raises(TrainingDivergedError, match="stage 'B'"):
        guard.record("B", False)


def test_statistics_come_back_where_they_were():
    network = nn.Sequential(nn.BatchNorm2d(3), nn.BatchNorm2d(3)).train()
    network[1].eval()
    before = [buffer.clone() for buffer in network.buffers()]
    backup = StatisticsBackup(network)
    network(torch.full((2, 3, 4, 4), math.nan))
    assert not all(buffer.isfinite().all() for buffer in network.buffers())
    backup.restore()
    found = [buffer for buffer in network.buffers() if buffer.is_floating_point()]
    for new, old in zip(found, [buffer for buffer in before if buffer.is_floating_point()], strict=True):
        assert torch.equal(new, old)


def test_guard_state_goes_on():
    guard, other = LossGuard(limit=3), LossGuard(limit=3)
    guard.usable("A", 2.0)
    guard.record("A", False)
    guard.record("A", False)
    other.load_state_dict(copy.deepcopy(guard.state_dict()))
    assert other.state_dict() == guard.state_dict()
    assert not other.usable("A", 1000.0)
    with pytest.raises(TrainingDivergedError):
        other.record("A", False)
    assert guard.means == {"A": 2.0}
