import pytest
import pytorch_msssim
import torch

from miais.losses import restoration_loss, visual_similarity_loss

LOSSES = [visual_similarity_loss, restoration_loss]
VARIANTS = ["standard", "miais"]


def make_pair(side, batch=2, dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(batch, 3, side, side, generator=generator, dtype=dtype)
    noise = torch.randn(image.shape, generator=generator, dtype=dtype)
    # Different errors in the two images, so that means over images and over the batch differ.
    return (image + noise * torch.linspace(0.02, 0.2, batch, dtype=dtype).view(-1, 1, 1, 1)).clamp(0, 1), image


@pytest.mark.parametrize("loss", LOSSES)
def test_standard_agrees_with_pytorch_msssim(loss):
    image, reference = make_pair(161, dtype=torch.float64)
    expected = 1 - pytorch_msssim.ms_ssim(image, reference, data_range=1.0).item()
    assert expected > 0.001
    assert loss(image, reference).item() == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("loss", LOSSES)
def test_one_scale_of_the_authors_variant_agrees_with_ssim_of_the_whole_batch(loss):
    image, reference = make_pair(16, dtype=torch.float64)
    expected = (1 - pytorch_msssim.ssim(image, reference, data_range=1.0).item()) / 2
    assert loss(image, reference, variant="miais").item() == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_mse_weight_adds_so_much_mean_squared_error(loss, variant):
    image, reference = make_pair(32)
    error = ((image - reference) ** 2).sum().item() / image.numel()
    added = loss(image, reference, variant=variant, mse_weight=2.5) - loss(image, reference, variant=variant)
    assert added.item() == pytest.approx(2.5 * error, abs=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("level", [None, 0.0, 1.0])
def test_equal_images_cost_nothing_and_have_a_finite_gradient(loss, variant, level):
    reference = make_pair(32)[1] if level is None else torch.full((2, 3, 32, 32), level)
    image = reference.clone().requires_grad_()
    value = loss(image, reference, variant=variant, mse_weight=1.0)
    value.backward()
    assert value.item() == pytest.approx(0, abs=1e-6)
    assert image.grad.isfinite().all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_opposite_image_has_a_finite_gradient(variant):
    reference = make_pair(32)[1].round()
    image = (1 - reference).requires_grad_()
    value = visual_similarity_loss(image, reference, variant=variant)
    value.backward()
    assert 0.5 < value.item() <= 1
    assert image.grad.isfinite().all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_are_right(variant):
    """The squared error was once computed in float32 whatever came in, which gradcheck sees."""
    image, reference = (images.requires_grad_() for images in make_pair(12, dtype=torch.float64))

    def loss(image, reference):
        return visual_similarity_loss(image, reference, variant=variant, mse_weight=1.0)

    assert torch.autograd.gradcheck(loss, (image, reference), fast_mode=True)


@pytest.mark.parametrize("loss", LOSSES)
def test_bad_arguments_are_refused(loss):
    image, reference = make_pair(16)
    with pytest.raises(ValueError, match=r"one shape, got \(2, 3, 16, 16\) and \(1, 3, 16, 16\)"):
        loss(image, reference[:1])
    with pytest.raises(ValueError, match="variant 'ssim'"):
        loss(image, reference, variant="ssim")
