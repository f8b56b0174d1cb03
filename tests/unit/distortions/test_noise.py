import pytest
import torch

from miais.distortions import gaussian_noise


def distort(container, seed=0, sigma=2.0):
    return gaussian_noise(container, container, torch.Generator().manual_seed(seed), sigma=sigma)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 8.0])
def test_noise_has_zero_mean_and_the_stated_deviation_in_grey_levels(sigma):
    grey = torch.full((2, 3, 64, 64), 0.5)
    noise = (distort(grey, sigma=sigma) - grey) * 255
    assert abs(noise.mean()) < 0.05 * sigma
    assert abs(noise.std() / sigma - 1) < 0.03


def test_pixels_channels_and_images_get_their_own_noise():
    grey = torch.full((2, 3, 8, 8), 0.5)
    assert len(distort(grey).unique()) > 350


def test_range_is_kept():
    edges = torch.cat([torch.zeros(1, 3, 16, 16), torch.ones(1, 3, 16, 16)])
    distorted = distort(edges, sigma=20.0)
    assert distorted.min() == 0
    assert distorted.max() == 1
    assert 0.3 < (distorted != edges).float().mean() < 0.7


def test_draw_repeats_with_the_seed_and_does_not_touch_the_global_generator():
    grey = torch.full((1, 3, 8, 8), 0.5)
    state = torch.get_rng_state()
    assert torch.equal(distort(grey, 1), distort(grey, 1))
    assert not torch.equal(distort(grey, 1), distort(grey, 2))
    assert torch.equal(torch.get_rng_state(), state)


def test_gradient_is_one_inside_the_range():
    grey = torch.full((1, 3, 8, 8), 0.5).requires_grad_()
    distort(grey).sum().backward()
    assert torch.equal(grey.grad, torch.ones(1, 3, 8, 8))


def test_negative_sigma_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        distort(torch.rand(1, 3, 8, 8), sigma=-1.0)
