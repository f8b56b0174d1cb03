import pytest
import torch
import torch.nn.functional as F

from miais.distortions import resize_and_back


def make_container(height=20, width=30, dtype=torch.float32):
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0), dtype=dtype)


def distort(container, factor=0.5):
    return resize_and_back(container, container, torch.Generator(), factor=factor)


def test_agrees_with_torchs_antialiased_bilinear_resize_down_and_up():
    container = make_container()
    small = F.interpolate(container, (10, 15), mode="bilinear", antialias=True)
    expected = F.interpolate(small, (20, 30), mode="bilinear", antialias=True)
    torch.testing.assert_close(distort(container), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("factor", [0.01, 0.33, 0.5, 1.5])
def test_shape_and_range_stay(factor):
    distorted = distort(make_container(21, 33), factor)
    assert distorted.shape == (2, 3, 21, 33)
    assert distorted.min() >= 0
    assert distorted.max() <= 1


def test_factor_one_changes_nothing():
    assert torch.equal(distort(make_container(), 1.0), make_container())


def test_smaller_factors_lose_more():
    losses = [float((distort(make_container(), factor) - make_container()).std()) for factor in (0.9, 0.5, 0.2)]
    assert losses == sorted(losses)
    assert losses[0] > 0.01


def test_gradients_are_right():
    assert torch.autograd.gradcheck(distort, (make_container(6, 8, torch.float64)[:1].requires_grad_(),))


@pytest.mark.parametrize("factor", [0.0, -1.0])
def test_factor_must_be_positive(factor):
    with pytest.raises(ValueError, match="positive"):
        distort(make_container(), factor)
