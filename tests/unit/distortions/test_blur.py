import pytest
import torch
from scipy.ndimage import gaussian_filter

from miais.distortions import gaussian_blur


def make_container(height=16, width=20):
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def distort(container, sigma=1.0):
    return gaussian_blur(container, container, torch.Generator(), sigma=sigma)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.0])
def test_agrees_with_scipy(sigma):
    radius = {0.5: 2, 1.0: 3, 2.0: 6}[sigma]
    expected = gaussian_filter(make_container().numpy(), sigma, axes=(2, 3), mode="nearest", radius=radius)
    torch.testing.assert_close(distort(make_container(), sigma), torch.from_numpy(expected))


def test_image_smaller_than_the_filter_works():
    tiny = make_container(2, 3)
    assert distort(tiny, 2.0).shape == tiny.shape


def test_autocast_does_not_round():
    container = make_container().float()
    plain = distort(container)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(distort(container), plain)


def test_gradients_are_right():
    assert torch.autograd.gradcheck(distort, (make_container(5, 6)[:1].requires_grad_(),))


@pytest.mark.parametrize("sigma", [0.0, -1.0])
def test_sigma_must_be_positive(sigma):
    with pytest.raises(ValueError, match="positive"):
        distort(make_container(), sigma)
