import numpy as np
import pytest
import torch
from scipy.fft import dctn

from miais.image import resize
from miais.networks.lattice.spectrum_carrier import SpectrumCarrier

LUMA = torch.tensor([0.299, 0.587, 0.114])[:, None, None]


def picture(height=96, width=128, batch=2, low=0.2, high=0.8):
    """Clouds: what a picture shows at low frequencies, and some grain."""
    random = torch.Generator().manual_seed(3)
    clouds = resize(torch.rand(batch, 3, 9, 9, generator=random), (height, width))
    grain = torch.rand(batch, 3, height, width, generator=random)
    return low + (high - low) * (0.9 * clouds + 0.1 * grain)


def test_samples_are_the_coefficients_that_scipy_computes():
    images, carrier = picture(), SpectrumCarrier(lowest=4, highest=30)
    brightness = (images * LUMA).sum(dim=1).double().numpy() * 255
    expected = dctn(brightness, axes=(1, 2), norm="ortho") * 256 / np.sqrt(96 * 128)
    rows, columns = np.mgrid[:31, :31]
    ring = (np.hypot(rows, columns) >= 4) & (np.hypot(rows, columns) <= 30)
    torch.testing.assert_close(
        carrier.samples(images), torch.from_numpy(expected[:, :31, :31][:, ring]).float(), atol=0.02, rtol=1e-4
    )


def test_a_rescaled_picture_has_nearly_the_same_samples():
    carrier, images = SpectrumCarrier(), picture(256, 320)
    small = carrier.samples(resize(images, (128, 160)))
    large = carrier.samples(images)
    assert (small - large).norm() < 0.03 * large.norm()


def test_put_changes_the_samples_as_wanted_and_the_colour_not_at_all():
    carrier, images = SpectrumCarrier(), picture()
    samples = carrier.samples(images)
    wanted = samples + 20 * torch.randn(samples.shape, generator=torch.Generator().manual_seed(1))
    changed = carrier.put(images, wanted)
    torch.testing.assert_close(carrier.samples(changed), wanted, atol=0.05, rtol=0)
    change = changed - images
    torch.testing.assert_close(change[:, 0], change[:, 1], atol=1e-6, rtol=0)
    torch.testing.assert_close(change[:, 0], change[:, 2], atol=1e-6, rtol=0)


def test_put_makes_up_for_what_black_and_white_do_not_take():
    """It tried twice, and in bright covers a fiftieth of the change was lost."""
    carrier, images = SpectrumCarrier(), picture(192, 192, low=0.55, high=1.3).clamp(0, 1)
    assert (images == 1).double().mean() > 0.2
    wanted = carrier.samples(images) + 20 * torch.randn(2, 820, generator=torch.Generator().manual_seed(1))
    changed = carrier.put(images, wanted)
    assert (carrier.samples(changed) - wanted).square().mean().sqrt() < 1


def test_put_treats_each_picture_for_itself():
    carrier, bright = SpectrumCarrier(), picture(batch=1, low=0.55, high=1.3).clamp(0, 1)
    both = torch.cat([bright, picture(batch=1)])
    wanted = carrier.samples(both) + 20
    apart = torch.cat([carrier.put(both[i : i + 1], wanted[i : i + 1]) for i in range(2)])
    torch.testing.assert_close(carrier.put(both, wanted), apart, atol=1e-5, rtol=0)


def test_put_stays_in_range_where_the_picture_is_black_or_white():
    carrier = SpectrumCarrier()
    images = picture(low=0.0, high=1.0).round()
    changed = carrier.put(images, carrier.samples(images) + 50)
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_one_of_the_versions_undoes_a_blur():
    carrier, images = SpectrumCarrier(), picture(256, 256)
    blurred = resize(resize(images, (128, 128)), (256, 256))
    sharp = carrier.samples(images)
    errors = [float((version - sharp).norm() / sharp.norm()) for version in carrier.versions(blurred)]
    assert errors.index(min(errors)) > 0
    assert min(errors) < 0.5 * errors[0]


@pytest.mark.parametrize(
    "arguments", [{"step": 0.0}, {"lowest": 0}, {"lowest": 30, "highest": 30}, {"lowest": 4, "highest": 64}]
)
def test_arguments_out_of_range_are_refused(arguments):
    with pytest.raises(ValueError, match="a positive step and frequencies"):
        SpectrumCarrier(**arguments)


def test_cover_with_too_few_pixels_is_refused():
    with pytest.raises(ValueError, match="more than 32 px"):
        SpectrumCarrier().samples(torch.rand(1, 3, 32, 200))
