import pytest
import torch

from miais.peers.haar import haar, inverse_haar


def images(*shape, dtype=torch.float64):
    return torch.rand(*shape, dtype=dtype, generator=torch.Generator().manual_seed(0))


def matrix():
    """The transform of one channel of 4x4 pixels, one row for each pixel."""
    return haar(torch.eye(16, dtype=torch.float64).view(16, 1, 4, 4)).flatten(1)


def test_sub_bands_are_those_of_the_formulas_in_their_order():
    pixels = images(2, 3, 6, 8)
    bands = haar(pixels)
    assert bands.shape == (2, 12, 3, 4)
    for row, column, channel in ((0, 0, 0), (1, 3, 1), (2, 2, 2)):
        cell = pixels[1, channel, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        (a, c), (b, d) = cell
        expected = torch.stack([a + b + c + d, -a - b + c + d, -a + b - c + d, a - b - c + d]) / 2
        torch.testing.assert_close(bands[1, channel::3, row, column], expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("shape", [(1, 3, 2, 2), (2, 3, 6, 10), (2, 1, 16, 4)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_there_and_back(shape, dtype):
    pixels = images(*shape, dtype=dtype)
    atol = 4 * torch.finfo(dtype).eps
    torch.testing.assert_close(inverse_haar(haar(pixels)), pixels, rtol=0, atol=atol)
    bands = images(shape[0], 4 * shape[1], *shape[2:], dtype=dtype)
    torch.testing.assert_close(haar(inverse_haar(bands)), bands, rtol=0, atol=atol)


def test_orthonormal():
    torch.testing.assert_close(matrix() @ matrix().T, torch.eye(16, dtype=torch.float64), rtol=0, atol=1e-15)


def test_inverse_is_the_transpose():
    back = inverse_haar(torch.eye(16, dtype=torch.float64).view(16, 4, 2, 2)).flatten(1)
    torch.testing.assert_close(back, matrix().T, rtol=0, atol=1e-15)


def test_constant_images_have_no_detail():
    bands = haar(torch.full((1, 3, 4, 4), 0.25))
    assert torch.equal(bands[:, :3], torch.full((1, 3, 2, 2), 0.5))
    assert not bands[:, 3:].any()


def test_gradients():
    pixels = images(1, 2, 4, 4).requires_grad_()
    assert torch.autograd.gradcheck(haar, pixels)
    assert torch.autograd.gradcheck(inverse_haar, images(1, 4, 2, 3).requires_grad_())


def test_full_precision_under_autocast():
    pixels = images(1, 3, 8, 8, dtype=torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        assert (inverse_haar(haar(pixels)) - pixels).abs().max() < 1e-6


@pytest.mark.parametrize("shape", [(1, 3, 5, 4), (1, 3, 4, 5), (3, 4, 4)])
def test_images_that_cannot_be_halved_are_refused(shape):
    with pytest.raises(ValueError, match=r"even H and W, got \("):
        haar(torch.zeros(shape))


@pytest.mark.parametrize("shape", [(1, 3, 4, 4), (4, 4, 4)])
def test_channels_that_are_no_sub_bands_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(N, 4C, h, w\), got \("):
        inverse_haar(torch.zeros(shape))
