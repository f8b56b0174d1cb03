import pytest
import torch
from torch import Tensor

from miais.metrics import mean_psnr, mean_squared_error, ms_ssim, psnr, psnr_of_mean
from miais.metrics.image_pair import image_pair

METRICS = [mean_squared_error, psnr, psnr_of_mean, mean_psnr, ms_ssim]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("shape", "reference_shape", "message"),
    [
        ((2, 3, 16, 16), (1, 3, 16, 16), r"one shape, got \(2, 3, 16, 16\) and \(1, 3, 16, 16\)"),
        ((3, 16, 16), (3, 16, 16), r"pass image\[None\]"),
        ((0, 3, 16, 16), (0, 3, 16, 16), "non-empty"),
    ],
)
def test_every_picture_metric_refuses_bad_shapes(metric, shape, reference_shape, message):
    with pytest.raises(ValueError, match=message):
        metric(torch.zeros(shape), torch.zeros(reference_shape))


@pytest.mark.parametrize("metric", METRICS)
def test_every_picture_metric_refuses_8_bit_pixels(metric):
    pixels = torch.zeros(1, 3, 16, 16, dtype=torch.uint8)
    with pytest.raises(TypeError, match="divide 8-bit pixels by 255"):
        metric(pixels, pixels.float())


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("dtype", "reference_dtype", "expected"),
    [
        (torch.float16, torch.float16, torch.float32),
        (torch.bfloat16, torch.float32, torch.float32),
        (torch.float32, torch.float32, torch.float32),
        (torch.float32, torch.float64, torch.float64),
    ],
)
def test_every_picture_metric_computes_in_the_wider_dtype_of_at_least_32_bits(metric, dtype, reference_dtype, expected):
    image, reference = noise(dtype, seed=0), noise(reference_dtype, seed=1)
    result = metric(image, reference)
    assert result.dtype == expected
    assert torch.equal(result, metric(image.to(expected), reference.to(expected)))


def test_images_of_the_right_dtype_are_returned_as_they_are():
    image = torch.rand(1, 3, 4, 4)
    assert image_pair(image, image)[0] is image


def noise(dtype: torch.dtype, seed: int) -> Tensor:
    return torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(seed)).to(dtype)
