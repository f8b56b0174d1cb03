"""8-bit rounding: the levels of a file, from and to bytes, and the gradient."""

import pytest
import torch

from miais.image import ImageError, from_uint8, quantize, read_image, to_uint8, write_png


def random_image(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def test_equals_writing_and_reading_bit_for_bit():
    edges = (torch.arange(512) / 2 + torch.tensor([-1e-4, 0, 1e-4])[:, None]) / 255
    image = torch.cat([edges.flatten(), random_image(10_000) * 1.2 - 0.1])
    assert torch.equal(quantize(image), from_uint8(to_uint8(image)))
    assert torch.equal(quantize(quantize(image)), quantize(image))


def test_known_values():
    image = torch.tensor([-3.0, 0.0, 0.1, 0.5, 254.49 / 255, 254.51 / 255, 1.0, 9.0])
    assert (quantize(image) * 255).round().tolist() == [0, 0, 26, 128, 254, 255, 255, 255]


@pytest.mark.parametrize("with_gradient", [False, True])
def test_rounds_by_at_most_half_a_level_with_and_without_gradient(with_gradient):
    image = random_image(2, 3, 9, 9)
    rounded = quantize(image.clone().requires_grad_(with_gradient))
    assert (rounded.detach() - image).abs().max() <= 0.5 / 255 + 1e-7
    assert torch.equal(rounded.detach(), from_uint8(to_uint8(image)))
    assert rounded.requires_grad == with_gradient


def test_gradient_passes_the_rounding_and_stops_at_the_clamp():
    image = torch.tensor([-torch.inf, -0.5, 0.0, 0.2, 0.7, 1.0, 1.5, torch.inf], requires_grad=True)
    weights = torch.tensor([1.0, 3.0, 4.0, -2.0, 5.0, 6.0, 7.0, 8.0])
    rounded = quantize(image)
    (rounded * weights).sum().backward()
    assert (rounded * 255).round().tolist() == [0, 0, 0, 51, 178, 255, 255, 255]
    assert image.grad.tolist() == [0, 0, 4, -2, 5, 6, 0, 0]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_levels_are_exact_for_every_dtype(dtype):
    image = random_image(3, 20, 20).to(dtype).requires_grad_()
    rounded = quantize(image)
    assert rounded.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    assert torch.equal(rounded.detach().float(), from_uint8(to_uint8(image)))
    rounded.sum().backward()
    assert torch.equal(image.grad, torch.ones_like(image))


def test_autocast_changes_nothing():
    image = random_image(2, 3, 8, 8).requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = quantize(image)
    assert torch.equal(rounded, quantize(image))


def test_integers_are_refused():
    with pytest.raises(TypeError, match="floating-point"):
        quantize(torch.zeros(3, dtype=torch.int64))


@pytest.mark.gpu
def test_cuda_gives_the_same_bits(tmp_path):
    image = random_image(3, 64, 64)
    assert torch.equal(quantize(image.cuda()).cpu(), quantize(image))
    assert torch.equal(from_uint8(to_uint8(image.cuda())).cpu(), quantize(image))
    write_png(tmp_path / "a.png", image.cuda())
    assert torch.equal(read_image(tmp_path / "a.png"), quantize(image))


def test_known_values_both_ways():
    assert to_uint8(torch.tensor([-1.0, 0.0, 0.1, 0.5, 1.0, 2.0])).tolist() == [0, 0, 26, 128, 255, 255]
    assert torch.equal(from_uint8(torch.arange(256, dtype=torch.uint8)), torch.arange(256) / 255)


def test_all_levels_survive_the_round_trip():
    pixels = torch.arange(256, dtype=torch.uint8).reshape(2, 8, 16)
    assert torch.equal(to_uint8(from_uint8(pixels)), pixels)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_non_finite_values_are_refused(value):
    with pytest.raises(ImageError, match="NaN or infinity"):
        to_uint8(torch.tensor([0.5, value]))


def test_wrong_types_are_refused():
    with pytest.raises(TypeError, match="use from_uint8"):
        to_uint8(torch.zeros(3, dtype=torch.uint8))
    with pytest.raises(TypeError, match="use to_uint8"):
        from_uint8(torch.zeros(3))
