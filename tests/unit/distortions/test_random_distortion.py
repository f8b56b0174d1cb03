from functools import partial

import pytest
import torch

from miais.distortions import (
    OFFICIAL_DISTORTIONS,
    RandomDistortion,
    pixel_dropout,
    random_cropout,
    surrogate_jpeg,
    unchanged,
)

container, cover = torch.rand(2, 1, 3, 32, 32, generator=torch.Generator().manual_seed(0)).unbind(0)


def plus(amount, container, cover, generator):
    return container + amount


def test_unchanged_returns_the_container():
    assert unchanged(container, cover, torch.Generator()) is container


def test_default_draws_from_the_authors_four():
    assert RandomDistortion().choices == (unchanged, random_cropout, pixel_dropout, surrogate_jpeg)


def test_every_choice_is_drawn_equally_often():
    distort = RandomDistortion(tuple(partial(plus, float(amount)) for amount in range(4)))
    generator = torch.Generator().manual_seed(0)
    zero = torch.zeros(1, 3, 1, 1)
    drawn = torch.stack([distort(zero, zero, generator)[0, 0, 0, 0] for _ in range(400)])
    assert all(70 < count < 130 for count in torch.bincount(drawn.long(), minlength=4).tolist())


def test_whole_batch_gets_one_distortion_and_the_seed_repeats_it():
    outcomes = [RandomDistortion()(container, cover, torch.Generator().manual_seed(seed)) for seed in range(12)]
    again = [RandomDistortion()(container, cover, torch.Generator().manual_seed(seed)) for seed in range(12)]
    assert all(map(torch.equal, outcomes, again))
    assert 1 <= sum(torch.equal(outcome, container) for outcome in outcomes) < 12


@pytest.mark.parametrize("distort", OFFICIAL_DISTORTIONS)
def test_official_distortions_keep_shape_and_range_and_pass_gradients(distort):
    hidden = container.clone().requires_grad_()
    distorted = distort(hidden, cover, torch.Generator().manual_seed(0))
    assert distorted.shape == container.shape
    assert distorted.min() >= 0
    assert distorted.max() <= 1
    distorted.square().sum().backward()
    assert hidden.grad.any()


def test_no_choice_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        RandomDistortion(())
