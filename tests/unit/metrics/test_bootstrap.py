import math

import pytest
import torch

from miais.metrics.bootstrap import bootstrap_interval, weighted_mean


def recorded_weights(*identities, **options):
    weights = []
    bootstrap_interval(lambda block: (weights.append(block), block.sum(dim=1))[1], *identities, **options)
    return torch.cat(weights)


def test_interval_of_independent_items_is_the_one_of_the_normal_approximation():
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(400, generator=generator)
    low, high = bootstrap_interval(
        lambda weights: weighted_mean(values, weights), torch.arange(400), seed=1, repeats=4000
    )
    half_width = 1.96 * values.std().item() / 20
    assert low == pytest.approx(values.mean().item() - half_width, abs=0.1 * half_width)
    assert high == pytest.approx(values.mean().item() + half_width, abs=0.1 * half_width)


def test_repeating_every_item_of_a_person_does_not_narrow_the_interval():
    values = torch.rand(60, generator=torch.Generator().manual_seed(0))
    people = torch.arange(60)
    once = bootstrap_interval(lambda weights: weighted_mean(values, weights), people, seed=5)
    twentyfold = values.repeat(20)
    many = bootstrap_interval(lambda weights: weighted_mean(twentyfold, weights), people.repeat(20), seed=5)
    assert many == pytest.approx(once)


def test_weights_are_products_of_how_often_each_person_was_drawn():
    # Items 0 to 3 are one person each, so their weights are the times that the people were drawn.
    first, second = torch.tensor([10, 20, 30, 40, 10, 40]), torch.tensor([10, 20, 30, 40, 20, 30])
    weights = recorded_weights(first, second, seed=2, repeats=250)
    assert weights.shape == (250, 6)
    assert (weights[:, :4].sum(dim=1) == 4).all()
    assert torch.equal(weights[:, 4], weights[:, 0] * weights[:, 1])
    assert torch.equal(weights[:, 5], weights[:, 3] * weights[:, 2])
    assert len(weights.unique(dim=0)) > 20


def test_times_drawn_are_those_of_drawing_with_replacement():
    times = recorded_weights(torch.arange(50), seed=0, repeats=2000)
    assert times.mean().item() == pytest.approx(1)
    assert times.var().item() == pytest.approx(1 - 1 / 50, abs=0.05)


def test_equal_seeds_give_equal_intervals_and_others_do_not():
    values, people = torch.rand(30, generator=torch.Generator().manual_seed(0)), torch.arange(30) // 2
    interval = lambda seed: bootstrap_interval(lambda weights: weighted_mean(values, weights), people, seed=seed)  # noqa: E731
    assert interval(0) == interval(0)
    assert interval(0) != interval(1)


def test_names_of_the_people_do_not_matter_as_long_as_their_order_stays():
    assert torch.equal(recorded_weights(torch.tensor([3, 3, 9])), recorded_weights(torch.tensor([-5, -5, 1_000_000])))


def test_resamples_without_a_value_do_not_count():
    values = torch.tensor([1.0, 2.0, 3.0])
    only_first_person = torch.tensor([1.0, 0.0, 0.0])
    low, high = bootstrap_interval(lambda weights: weighted_mean(values, weights * only_first_person), torch.arange(3))
    assert (low, high) == (1.0, 1.0)


def test_one_person_has_no_interval():
    low, high = bootstrap_interval(lambda weights: weights.sum(dim=1), torch.tensor([4, 4, 4]))
    assert math.isnan(low)
    assert math.isnan(high)


def test_no_resamples_are_refused():
    with pytest.raises(ValueError, match="repeats=0"):
        bootstrap_interval(lambda weights: weights.sum(dim=1), torch.arange(3), repeats=0)
