import pytest
import torch

from miais.networks.lattice.pixel_carrier import PixelCarrier


def picture(batch=2, height=12, width=20):
    return torch.randint(256, (batch, 3, height, width), generator=torch.Generator().manual_seed(0)) / 255


def test_samples_are_the_grey_levels_and_come_back():
    images, carrier = picture(), PixelCarrier()
    samples = carrier.samples(images)
    assert samples.shape == (2, 720)
    torch.testing.assert_close(samples, (images * 255).round().flatten(1), atol=1e-4, rtol=0)
    torch.testing.assert_close(carrier.put(images, samples), images)


def test_there_is_one_version_and_one_step():
    images, carrier = picture(), PixelCarrier(6.0)
    (version,) = carrier.versions(images)
    assert torch.equal(version, carrier.samples(images))
    assert carrier.step == 6.0


@pytest.mark.parametrize("step", [1.0, 0.0, -4.0, 129.0])
def test_step_that_whole_numbers_cannot_carry_is_refused(step):
    with pytest.raises(ValueError, match="step"):
        PixelCarrier(step)
