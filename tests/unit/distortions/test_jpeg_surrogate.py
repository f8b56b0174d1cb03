import numpy as np
import pytest
import torch
from scipy.fft import dctn, idctn

from miais.distortions import surrogate_jpeg

# The first 25 places of the JPEG standard's zig-zag order (ISO/IEC 10918-1, figure A.6), as row * 8 + column.
ZIGZAG = [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27]
YUV = np.array([[0.299, 0.587, 0.114], [-0.14713, -0.28886, 0.436], [0.615, -0.51499, -0.10001]])


def make_container(height=16, width=24, dtype=torch.float64):
    """Mid-range values, so that no overshoot is clamped."""
    noise = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0), dtype=dtype)
    return 0.4 + 0.2 * noise


def distort(container):
    return surrogate_jpeg(container, container, torch.Generator())


def test_agrees_with_a_block_by_block_computation():
    container = make_container()
    yuv = np.einsum("ij,njhw->nihw", YUV, container.numpy())
    expected = np.zeros_like(yuv)
    for image, channel, top, left in np.ndindex(2, 3, 2, 3):
        place = (image, channel, slice(8 * top, 8 * top + 8), slice(8 * left, 8 * left + 8))
        coefficients = dctn(yuv[place], norm="ortho").ravel()
        kept = np.zeros(64)
        first = ZIGZAG[: (25, 9, 9)[channel]]
        kept[first] = coefficients[first]
        expected[place] = idctn(kept.reshape(8, 8), norm="ortho")
    expected = np.einsum("ij,njhw->nihw", np.linalg.inv(YUV), expected)
    torch.testing.assert_close(distort(container), torch.from_numpy(expected))


def test_is_a_projection_that_removes_something():
    once = distort(make_container())
    assert (once - make_container()).abs().max() > 0.01
    torch.testing.assert_close(distort(once), once)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (13, 21), (5, 3)])
def test_any_size_keeps_its_shape_and_a_flat_image_its_colour(height, width):
    flat = torch.tensor([0.2, 0.5, 0.7]).view(1, 3, 1, 1).expand(2, 3, height, width)
    distorted = distort(flat)
    assert distorted.shape == flat.shape
    torch.testing.assert_close(distorted, flat, atol=1e-6, rtol=0)


def test_overshoot_stays_in_range():
    harsh = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)).round()
    distorted = distort(harsh)
    assert distorted.min() == 0
    assert distorted.max() == 1


def test_autocast_does_not_round():
    container = make_container(dtype=torch.float32)
    plain = distort(container)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(distort(container), plain)


def test_gradients_are_right():
    assert torch.autograd.gradcheck(distort, (make_container(9, 8)[:1].requires_grad_(),))
