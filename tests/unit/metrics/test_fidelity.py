import numpy as np
import pytest
import torch

from miais.metrics import mean_psnr, mean_squared_error, psnr, psnr_of_mean


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    reference = torch.rand(4, 3, 17, 23, generator=generator)
    spread = torch.tensor([0.01, 0.05, 0.2, 0.5]).view(4, 1, 1, 1)
    return (reference + spread * torch.randn(reference.shape, generator=generator)).clamp(0, 1), reference


def test_mean_squared_error_and_psnr_agree_with_scikit_image(batch):
    metrics = pytest.importorskip("skimage.metrics")
    image, reference = batch
    pairs = list(zip(image.double().numpy(), reference.double().numpy(), strict=True))
    errors = [metrics.mean_squared_error(a, b) for a, b in pairs]
    decibels = [metrics.peak_signal_noise_ratio(b, a, data_range=1) for a, b in pairs]
    np.testing.assert_allclose(mean_squared_error(image, reference), errors, rtol=1e-5)
    np.testing.assert_allclose(psnr(image, reference), decibels, atol=1e-4)
    np.testing.assert_allclose(mean_psnr(image, reference), np.mean(decibels), atol=1e-4)
    np.testing.assert_allclose(psnr_of_mean(image, reference), -10 * np.log10(np.mean(errors)), atol=1e-4)


def test_psnr_of_mean_is_below_mean_psnr_when_the_images_differ_in_quality(batch):
    assert psnr_of_mean(*batch) < mean_psnr(*batch) - 1


def test_a_shift_of_a_tenth_is_20_decibels():
    reference = torch.full((2, 3, 8, 8), 0.5, dtype=torch.float64)
    torch.testing.assert_close(psnr(reference + 0.1, reference), torch.full((2,), 20.0, dtype=torch.float64))


def test_equal_images_have_infinite_psnr(batch):
    image, reference = batch
    image[1] = reference[1]
    assert psnr(image, reference).isinf().tolist() == [False, True, False, False]
    assert mean_psnr(image, reference).isinf()
    assert psnr_of_mean(image, reference).isfinite()
    assert psnr_of_mean(image, image) == float("inf")


def test_metrics_are_symmetric(batch):
    image, reference = batch
    for metric in (mean_squared_error, psnr, psnr_of_mean, mean_psnr):
        assert torch.equal(metric(image, reference), metric(reference, image))


def test_mean_squared_error_gradient(batch):
    image, reference = (images[:2, :, :3, :3].double().requires_grad_() for images in batch)
    assert torch.autograd.gradcheck(mean_squared_error, (image, reference))
