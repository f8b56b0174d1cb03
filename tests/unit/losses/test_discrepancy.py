import math

import pytest
import torch

from miais.losses import discrepancy_loss


def make_logits(identities, batch=4):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, batch, identities, generator=generator, dtype=torch.float64) * 3


def softmax(row):
    powers = [math.exp(value) for value in row]
    return [power / sum(powers) for power in powers]


def mean_gap(first, second):
    gaps = [abs(a - b) for rows in zip(first, second, strict=True) for a, b in zip(*rows, strict=True)]
    return sum(gaps) / len(gaps)


def test_on_logits_it_is_eq_11():
    logits = make_logits(6)
    assert discrepancy_loss(*logits).item() == pytest.approx(mean_gap(*logits.tolist()), rel=1e-9)


def test_on_softmax_it_equals_the_official_loss_at_the_official_number_of_identities():
    logits = make_logits(1662)
    probabilities = [[softmax(row) for row in answer] for answer in logits.tolist()]
    assert discrepancy_loss(*logits, on="softmax").item() == pytest.approx(1000 * mean_gap(*probabilities), rel=1e-9)


@pytest.mark.parametrize("identities", [2, 10, 200, 1662])
def test_on_softmax_its_upper_bound_is_the_same_for_every_number_of_identities(identities):
    logits = torch.zeros(2, 1, identities)
    logits[0, 0, 0] = logits[1, 0, 1] = 1e4  # two classifiers, each certain of another person
    assert discrepancy_loss(*logits, on="softmax").item() == pytest.approx(2000 / 1662)
    random = make_logits(identities, batch=50) * 10
    assert 0 < discrepancy_loss(*random, on="softmax").item() < 1.2034


@pytest.mark.parametrize("on", ["logits", "softmax"])
def test_agreement_costs_nothing_and_has_a_finite_gradient(on):
    logits = make_logits(5)[0].requires_grad_()
    loss = discrepancy_loss(logits, logits.detach().clone(), on=on)
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(logits.grad, torch.zeros_like(logits))


@pytest.mark.parametrize("on", ["logits", "softmax"])
def test_it_is_symmetric(on):
    first, second = make_logits(5)
    assert discrepancy_loss(first, second, on=on) == discrepancy_loss(second, first, on=on) > 0


@pytest.mark.parametrize("on", ["logits", "softmax"])
def test_gradients_are_right(on):
    logits = [answer.requires_grad_() for answer in make_logits(5).unbind()]
    assert torch.autograd.gradcheck(lambda *pair: discrepancy_loss(*pair, on=on), logits)


def test_bad_arguments_are_refused():
    logits = make_logits(5)
    with pytest.raises(ValueError, match=r"one shape, got \(4, 5\) and \(4, 3\)"):
        discrepancy_loss(logits[0], logits[1, :, :3])
    with pytest.raises(ValueError, match="'logits' or 'softmax', got 'probabilities'"):
        discrepancy_loss(*logits, on="probabilities")
