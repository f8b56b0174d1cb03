import math

import numpy as np
import pytest
import pytorch_msssim
import torch
from scipy.signal import fftconvolve
from torch import Tensor

from miais.metrics import ms_ssim

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
VARIANTS = ("standard", "miais")


def pattern() -> Tensor:
    i = torch.arange(256, dtype=torch.float64).view(-1, 1)
    j = torch.arange(256, dtype=torch.float64).view(1, -1)
    turn = 2 * math.pi
    waves = 0.25 * torch.sin(turn * i / 37) + 0.2 * torch.cos(turn * j / 53)
    return 0.5 + waves + 0.04 * torch.sin(turn * (3 * i + 5 * j) / 11)


def ripple() -> Tensor:
    i, j = torch.arange(256, dtype=torch.float64).view(-1, 1), torch.arange(256, dtype=torch.float64).view(1, -1)
    return 0.05 * torch.sin(2 * math.pi * (i + 2 * j) / 7)


def photographs(height: int = 256, width: int = 256) -> Tensor:
    data = pytest.importorskip("skimage.data")
    names = ("astronaut", "chelsea", "coffee", "rocket")
    pixels = [getattr(data, name)()[:height, :width, :3] for name in names]
    return torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).double() / 255


def noisy(images: Tensor, spread: float, seed: int = 0) -> Tensor:
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (images + spread * noise).clamp(0, 1).to(images.dtype)


def naive(image: np.ndarray, reference: np.ndarray) -> list[np.ndarray]:
    """Maps of cs at each scale that holds the window, the last of them of ssim, for one channel with sides 11 * 2^k."""
    offsets = np.arange(-5, 6)
    kernel = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * 1.5**2))
    kernel /= kernel.sum()
    blur = lambda x: fftconvolve(x, kernel, mode="valid")  # noqa: E731
    maps = []
    while True:
        m1, m2 = blur(image), blur(reference)
        var1, var2 = blur(image**2) - m1**2, blur(reference**2) - m2**2
        cs = (2 * (blur(image * reference) - m1 * m2) + 0.0009) / (var1 + var2 + 0.0009)
        if len(maps) == 4 or min(image.shape) < 22:
            return [*maps, cs * (2 * m1 * m2 + 0.0001) / (m1**2 + m2**2 + 0.0001)]
        maps.append(cs)
        image, reference = (x.reshape(x.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3)) for x in (image, reference))


@pytest.mark.parametrize(
    ("image", "standard", "miais"),
    [
        (pattern() + ripple(), 0.985357, 0.992835),
        (pattern() ** 2, 0.936110, 0.942843),
        (pattern().T, 0.0, 0.392489),
        (1 - pattern(), 0.0, 0.004204),
        (pattern(), 1.0, 1.0),
    ],
    ids=["ripple", "square", "transpose", "negative", "equal"],
)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_published_vectors(image, standard, miais, dtype):
    image, reference = image.to(dtype)[None, None], pattern().to(dtype)[None, None]
    assert ms_ssim(image, reference).tolist() == pytest.approx([standard], abs=1e-5)
    assert ms_ssim(image, reference, variant="miais").item() == pytest.approx(miais, abs=1e-5)


@pytest.mark.parametrize("size", [(256, 256), (161, 203), (177, 250)])
def test_standard_agrees_with_pytorch_msssim_in_float64(size):
    images = photographs(*size)
    for other in (noisy(images, 0.05), images.roll(2, dims=0)):
        expected = pytorch_msssim.ms_ssim(images, other, data_range=1, size_average=False)
        torch.testing.assert_close(ms_ssim(images, other), expected, rtol=0, atol=1e-12)


def test_standard_agrees_with_pytorch_msssim_in_float32():
    images = photographs().float()
    for other in (noisy(images, 0.003), noisy(images, 0.05), noisy(images, 0.3), images.roll(2, dims=0)):
        expected = pytorch_msssim.ms_ssim(images, other, data_range=1, size_average=False)
        torch.testing.assert_close(ms_ssim(images, other), expected, rtol=0, atol=1e-6)


def test_float32_is_as_near_to_float64_on_other_pairs_and_odd_sides():
    """Here pytorch-msssim itself is up to 1.5e-6 away from its own answer in float64."""
    for size in ((176, 200), (177, 250)):
        images = photographs(*size).float()
        for other in (0.9 * images, images.flip(-1), images**2):
            exact = ms_ssim(images.double(), other.double())
            torch.testing.assert_close(ms_ssim(images, other).double(), exact, rtol=0, atol=2e-6)


@pytest.mark.parametrize(("one", "other"), [(0.5, 1.0), (1.0, 0.99), (0.25, 0.75), (0.0, 0.01)])
def test_flat_pictures_agree_with_pytorch_msssim_in_float64_and_nearly_in_float32(one, other):
    pair = [torch.full((1, 3, 176, 176), level, dtype=torch.float64) for level in (one, other)]
    expected = pytorch_msssim.ms_ssim(*pair, data_range=1)
    torch.testing.assert_close(ms_ssim(*pair)[0], expected, rtol=0, atol=1e-12)
    single = ms_ssim(*(image.float() for image in pair))[0].double()
    torch.testing.assert_close(single, expected, rtol=0, atol=4e-4)


def test_standard_gradient_agrees_with_pytorch_msssim():
    reference = photographs()[:2]
    gradients = []
    for similarity in (ms_ssim, lambda a, b: pytorch_msssim.ms_ssim(a, b, data_range=1, size_average=False)):
        image = noisy(reference, 0.05).requires_grad_()
        gradients.append(torch.autograd.grad(similarity(image, reference).sum(), image)[0])
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-6, atol=1e-12)
    assert gradients[0].abs().max() > 1e-6


@pytest.mark.parametrize(("side", "scales"), [(11, 1), (16, 1), (22, 2), (44, 3), (88, 4), (160, 4), (176, 5)])
def test_smaller_images_use_the_scales_that_fit_with_weights_of_sum_one(side, scales):
    reference = photographs(side, side)[0].numpy()
    image = noisy(photographs(side, side), 0.05)[0].numpy()
    maps = [naive(a, b) for a, b in zip(image, reference, strict=True)]
    assert {len(m) for m in maps} == {scales}
    weights = np.array(WEIGHTS[:scales])
    weights = weights if scales == 5 else weights / weights.sum()

    per_channel = [np.prod([m.mean() ** w for m, w in zip(c, weights, strict=True)]) for c in maps]
    batch = torch.from_numpy(image)[None], torch.from_numpy(reference)[None]
    assert ms_ssim(*batch).item() == pytest.approx(np.mean(per_channel), abs=5e-6)

    weights[-1] *= max(1, scales - 1)
    over_batch = [np.mean([c[scale] for c in maps]) for scale in range(scales)]
    slipped = np.prod([((mean + 1) / 2) ** w for mean, w in zip(over_batch, weights, strict=True)])
    assert ms_ssim(*batch, variant="miais").item() == pytest.approx(slipped, abs=5e-6)


@pytest.mark.parametrize("below", [21, 41, 81, 161])
def test_one_more_scale_starts_at_the_documented_side(below):
    """A scale more sees a coarser picture: a shift that is invisible to one scale changes the value abruptly."""
    images = [photographs(side, side)[:1] for side in (below - 1, below, below + 1)]
    values = [ms_ssim(image, noisy(image, 0.2)).item() for image in images]
    assert abs(values[1] - values[0]) > 5 * abs(values[2] - values[1])


def test_a_single_scale_is_the_ssim_of_scikit_image():
    metrics = pytest.importorskip("skimage.metrics")
    reference = photographs(20, 15)
    image = noisy(reference, 0.1)
    expected = [
        np.mean(
            [
                metrics.structural_similarity(
                    a, b, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
                )[1][5:-5, 5:-5].mean()
                for a, b in zip(one.numpy(), other.numpy(), strict=True)
            ]
        )
        for one, other in zip(image, reference, strict=True)
    ]
    np.testing.assert_allclose(ms_ssim(image, reference), expected, atol=1e-5)  # our window is rounded to float32


@pytest.mark.parametrize("size", [(10, 64), (64, 10), (1, 5000)])
def test_a_side_shorter_than_the_window_is_refused(size):
    with pytest.raises(ValueError, match=f"at least 11 px a side, got {min(size)}"):
        ms_ssim(torch.zeros(1, 3, *size), torch.zeros(1, 3, *size))


def test_an_unknown_variant_is_refused():
    with pytest.raises(ValueError, match="choose 'standard' or 'miais'"):
        ms_ssim(torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 16), variant="paper")


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("size", [(176, 176), (33, 47), (11, 12)])
def test_equal_images_have_similarity_one_and_a_gradient_of_zero(variant, size):
    image = photographs(*size).float().requires_grad_()
    reference = image.detach().clone().requires_grad_()
    similarity = ms_ssim(image, reference, variant=variant)
    assert torch.equal(similarity, torch.ones(() if variant == "miais" else (4,)))
    similarity.sum().backward()
    for gradient in (image.grad, reference.grad):
        assert gradient.isfinite().all()
        assert gradient.abs().max() < 1e-5


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("constant", [0.0, 1.0])
def test_flat_images_have_finite_gradients(variant, constant):
    image = torch.full((1, 3, 48, 48), constant, requires_grad=True)
    ms_ssim(image, photographs(48, 48)[:1].float(), variant=variant).sum().backward()
    assert image.grad.isfinite().all()


def test_clamped_similarity_has_a_gradient_of_zero_and_the_compressed_one_does_not():
    reference = pattern().float()[None, None]
    image = (1 - reference).requires_grad_()
    clamped = ms_ssim(image, reference)
    assert clamped.tolist() == [0.0]
    assert not torch.autograd.grad(clamped.sum(), image)[0].any()
    gradient = torch.autograd.grad(ms_ssim(image, reference, variant="miais"), image)[0]
    assert gradient.isfinite().all()
    assert gradient.any()


@pytest.mark.parametrize("variant", VARIANTS)
def test_nan_comes_through(variant):
    image = photographs(32, 32)
    broken = image.clone()
    broken[1, 0, 3, 3] = math.nan
    similarity = ms_ssim(broken, image, variant=variant)
    assert similarity.isnan().tolist() == (True if variant == "miais" else [False, True, False, False])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("size", [(11, 12), (21, 22)])
def test_gradients_in_both_images(variant, size):
    reference = photographs(*size)[:2, :2].contiguous()
    image = noisy(reference, 0.05).requires_grad_()
    reference.requires_grad_()
    similarity = lambda a, b: ms_ssim(a, b, variant=variant)  # noqa: E731
    assert torch.autograd.gradcheck(similarity, (image, reference), fast_mode=size != (11, 12))


def test_standard_scores_each_image_alone_and_miais_the_batch_as_one():
    reference = photographs(64, 64)
    image = torch.cat([noisy(reference[:2], 0.02), noisy(reference[2:], 0.3)])
    alone = torch.cat([ms_ssim(a[None], b[None]) for a, b in zip(image, reference, strict=True)])
    torch.testing.assert_close(ms_ssim(image, reference), alone)

    mean_of_values = torch.stack(
        [ms_ssim(a[None], b[None], variant="miais") for a, b in zip(image, reference, strict=True)]
    ).mean()
    together = ms_ssim(image, reference, variant="miais")
    assert together.shape == ()
    assert abs(together - mean_of_values) > 1e-4
    rotated = ms_ssim(image.roll(1, 0), reference.roll(1, 0), variant="miais")
    torch.testing.assert_close(together, rotated)


@pytest.mark.parametrize("variant", VARIANTS)
def test_symmetric_in_its_arguments_and_falling_with_noise(variant):
    reference = photographs(176, 176)[:2]
    values = []
    for spread in (0.01, 0.05, 0.2):
        image = noisy(reference, spread)
        torch.testing.assert_close(
            ms_ssim(image, reference, variant=variant), ms_ssim(reference, image, variant=variant)
        )
        values.append(ms_ssim(image, reference, variant=variant).mean().item())
    assert 1 > values[0] > values[1] > values[2] > 0


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_any_number_of_channels(variant, channels):
    reference = photographs(32, 32).flatten(0, 1)[: 2 * channels].view(2, channels, 32, 32)
    image = noisy(reference, 0.1)
    swapped = ms_ssim(image.flip(1), reference.flip(1), variant=variant)
    torch.testing.assert_close(ms_ssim(image, reference, variant=variant), swapped)


@pytest.mark.parametrize("variant", VARIANTS)
def test_channels_last_and_other_strides_give_the_same(variant):
    reference = photographs(48, 64).float()
    image = noisy(reference, 0.1)
    expected = ms_ssim(image, reference, variant=variant)
    last = image.contiguous(memory_format=torch.channels_last)
    assert torch.equal(ms_ssim(last, reference, variant=variant), expected)
    transposed = ms_ssim(image.mT, reference.mT, variant=variant)
    torch.testing.assert_close(transposed, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("variant", VARIANTS)
def test_autocast_does_not_lower_the_precision(variant):
    reference = photographs(48, 48).float()
    image = noisy(reference, 0.02).requires_grad_()
    expected = ms_ssim(image, reference, variant=variant)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        similarity = ms_ssim(image, reference, variant=variant)
    assert torch.equal(similarity, expected)
    (gradient,) = torch.autograd.grad(similarity.sum(), image)
    assert torch.equal(gradient, torch.autograd.grad(expected.sum(), image)[0])
