"""What attacks are worth, on vectors and pictures of known answers."""

import math

import pytest
import torch
import torch.nn.functional as F

from miais.experiments.privacy.data import Pairs
from miais.experiments.privacy.labels import digits_data
from miais.experiments.privacy.scores import likeness, match

PEOPLE, EACH = 40, 4


@pytest.fixture
def pairs():
    """Of forty people with four pictures each: 240 genuine pairs and as many others, in ten folds."""
    people = torch.arange(PEOPLE).repeat_interleave(EACH)
    every = torch.combinations(torch.arange(len(people)))
    same = people[every[:, 0]] == people[every[:, 1]]
    others = every[~same][torch.randperm(int((~same).sum()), generator=torch.Generator().manual_seed(0))[:240]]
    first, second = torch.cat([every[same], others]).T
    return Pairs(first, second, people[first] == people[second], torch.arange(480) % 10, people)


def vectors(seed, copies=1):
    return F.normalize(torch.randn(copies, PEOPLE * EACH, 8, generator=torch.Generator().manual_seed(seed)), dim=2)


def test_vectors_that_say_who_it_is_are_matched_without_error(pairs):
    told = F.normalize(torch.randn(PEOPLE, 8, generator=torch.Generator().manual_seed(1)))[pairs.people][None]
    scores = match(told, told, pairs)
    assert (scores.accuracy, scores.auc, scores.eer, scores.pairs) == (1.0, 1.0, 0.0, 480)
    assert scores.val_at_far_1e2 == scores.val_low == scores.val_high == 1.0


def test_vectors_that_say_nothing_are_at_chance(pairs):
    scores = match(vectors(1, copies=3), vectors(2, copies=3), pairs)
    assert scores.pairs == 3 * 480
    assert 0.4 < scores.auc < 0.6
    assert 0.4 < scores.accuracy < 0.6
    assert scores.accuracy_low < scores.accuracy < scores.accuracy_high


def test_the_interval_of_val_holds_val(pairs):
    blurred = F.normalize(vectors(1) + 0.4 * F.normalize(torch.randn(PEOPLE, 8))[pairs.people][None])
    scores = match(blurred, blurred, pairs)
    assert 0 <= scores.val_low <= scores.val_at_far_1e2 <= scores.val_high <= 1


def test_the_first_side_is_that_of_the_first_image(pairs):
    """Reconstruction against plain picture: only image a of each pair is reconstructed."""
    told = F.normalize(torch.eye(PEOPLE))[pairs.people][None]
    blind = told.clone()
    blind[:, list(set(pairs.second.tolist()) - set(pairs.first.tolist()))] = 0.0  # never asked for
    assert match(blind, told, pairs).accuracy == 1.0


def test_too_few_pairs_leave_val_open():
    few = Pairs(
        torch.tensor([0, 0, 2, 2]), torch.tensor([1, 2, 3, 1]), torch.tensor([True, False, True, False]),
        torch.tensor([0, 0, 1, 1]), torch.tensor([0, 0, 1, 1]),
    )  # fmt: skip
    scores = match(vectors(1)[:, :4], vectors(2)[:, :4], few)
    assert all(math.isnan(value) for value in (scores.val_at_far_1e2, scores.val_low, scores.val_high))


def test_likeness_of_the_secret_itself_and_of_grey():
    secrets = digits_data(32, seed=0, few=True).train.secrets
    same = likeness(secrets, secrets)
    assert (same.mean_psnr_db, same.psnr_of_mean_db) == (math.inf, math.inf)
    assert same.ms_ssim == pytest.approx(1.0)
    grey = torch.full_like(secrets, 128)
    mse = (secrets.double() / 255 - 128 / 255).square().mean()
    assert likeness(grey, secrets).psnr_of_mean_db == pytest.approx(float(-10 * mse.log10()))
    assert likeness(grey, secrets).ms_ssim < 0.3
