import pytest
import torch
import torch.nn.functional as F

from miais.distortions import random_crop


def distort(container, seed=0, keep=0.9):
    return random_crop(container, container, torch.Generator().manual_seed(seed), keep=keep)


def make_ramps(size=100):
    """Column number in red, row number in green, as shares of the side: a pixel tells where it was."""
    place = (torch.arange(size) + 0.5) / size
    return torch.stack([place.expand(size, size), place[:, None].expand(size, size), torch.zeros(size, size)])[None]


def test_window_is_enlarged_to_the_old_size():
    ramps = make_ramps()
    distorted = distort(ramps, keep=0.8)
    assert distorted.shape == ramps.shape
    left, top = (round(float(distorted[0, channel].min() * 100 - 0.5)) for channel in (0, 1))
    window = ramps[..., top : top + 80, left : left + 80]
    expected = F.interpolate(window, (100, 100), mode="bilinear", antialias=True)
    torch.testing.assert_close(distorted, expected, atol=1e-5, rtol=0)


def test_positions_cover_the_whole_range():
    starts = {round(float(distort(make_ramps(40), seed)[0, 0].min() * 40 - 0.5)) for seed in range(60)}
    assert starts == set(range(5))


def test_keeping_everything_changes_nothing():
    assert torch.equal(distort(make_ramps(), keep=1.0), make_ramps())


def test_draw_repeats_with_the_seed_and_does_not_touch_the_global_generator():
    state = torch.get_rng_state()
    assert torch.equal(distort(make_ramps(), 1), distort(make_ramps(), 1))
    assert not torch.equal(distort(make_ramps(), 1), distort(make_ramps(), 2))
    assert torch.equal(torch.get_rng_state(), state)


def test_gradients_are_right():
    container = torch.rand(1, 3, 7, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(distort, (container.requires_grad_(),))


@pytest.mark.parametrize("keep", [0.0, 1.5])
def test_kept_share_out_of_range_is_refused(keep):
    with pytest.raises(ValueError, match=f"got {keep}"):
        distort(make_ramps(), keep=keep)
