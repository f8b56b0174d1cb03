import copy
import math
from dataclasses import replace

import pytest
import torch
from support.small_training import PEOPLE, SIZE, constant_validation, cpu_fabric, small_batch

from miais.image import from_uint8
from miais.losses import cross_entropy_loss, triplet_loss
from miais.networks.residue_classifier import ResidueClassifier
from miais.training.objective_settings import IdentitySettings
from miais.training.optimization import TrainingDivergedError
from miais.training.pretrain import PretrainTask
from miais.training.settings import OptimizerSettings, PhaseSettings, PretrainSettings

SETTINGS = PretrainSettings(
    PhaseSettings(steps=20), IdentitySettings(cross_entropy=0.5, triplet=2.0), OptimizerSettings("adamw", lr=3e-3)
)


def make_task(settings=SETTINGS):
    torch.manual_seed(0)
    classifier = ResidueClassifier(PEOPLE, image_size=SIZE, width=8, embedding_dim=16, dropout=0.0)
    return PretrainTask(cpu_fabric(), classifier, settings, constant_validation)


def test_loss_is_that_of_the_plain_secrets():
    task, batch = make_task(), small_batch(0)
    task.networks.train()
    embedding, logits = task.networks(from_uint8(batch.secrets))
    expected = 0.5 * cross_entropy_loss(logits, batch.labels) + 2 * triplet_loss(embedding, margin=1.2)
    log = task.step(0, [batch])
    assert log["loss"] == pytest.approx(float(expected.detach()), rel=1e-4)
    assert log["skipped"] == 0


def test_covers_are_not_needed():
    batch = small_batch(0)._replace(covers=torch.empty(0, dtype=torch.uint8))
    assert math.isfinite(make_task().step(0, [batch])["loss"])


def test_a_classifier_learns_one_batch():
    task = make_task()
    losses = [task.step(step, [small_batch(0)])["loss"] for step in range(10)]
    assert losses[-1] < 0.5 * losses[0]


def test_gradients_of_accumulated_batches_are_summed():
    plain = OptimizerSettings("sgd", lr=1e-3, momentum=0.0, weight_decay=0.0)
    changes = []
    for batches in ([0], [1], [0, 1]):
        task = make_task(replace(SETTINGS, optimizer=plain))
        before = task.networks.head.detach().clone()
        task.step(0, [small_batch(seed) for seed in batches])
        changes.append(task.networks.head.detach() - before)
    torch.testing.assert_close(changes[0] + changes[1], changes[2], rtol=1e-3, atol=1e-7)


def test_learning_rate_follows_the_schedule_of_the_phase():
    settings = replace(SETTINGS, optimizer=OptimizerSettings("sgd", lr=1.0, schedule="cosine"))
    task = make_task(settings)
    task.step(10, [small_batch(0)])
    assert task.mover.optimizer.param_groups[0]["lr"] == pytest.approx(0.5)


def test_a_bad_loss_moves_nothing_is_counted_and_too_many_stop_the_run(monkeypatch):
    task = make_task()
    before = [parameter.detach().clone() for parameter in task.networks.parameters()]
    monkeypatch.setattr(
        "miais.training.pretrain.identity_loss", lambda answer, labels, settings: answer.logits.sum() * math.nan
    )
    for step in range(19):
        assert task.step(step, [small_batch(step)])["skipped"] == step + 1
    assert all(torch.equal(new, old) for new, old in zip(task.networks.parameters(), before, strict=True))
    with pytest.raises(TrainingDivergedError):
        task.step(19, [small_batch(19)])


def test_validation_drives_a_plateau_schedule():
    task = make_task(replace(SETTINGS, optimizer=OptimizerSettings(lr=1.0, schedule="plateau")))
    for step in range(12):
        assert task.validate(step).score == 0.5
    assert task.mover.optimizer.param_groups[0]["lr"] == pytest.approx(0.2)


def test_state_goes_on_bit_for_bit():
    task, other = make_task(), make_task()
    task.step(0, [small_batch(0)])
    other.load_state_dict(copy.deepcopy(task.state_dict()))
    logs = [one.step(1, [small_batch(1)]) for one in (task, other)]
    assert logs[0] == logs[1]
    for one, two in zip(task.networks.state_dict().values(), other.networks.state_dict().values(), strict=True):
        assert torch.equal(one, two)
