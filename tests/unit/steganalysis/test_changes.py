import numpy as np
import pytest
import torch

from miais.steganalysis.changes import (
    changed_bits,
    channel_shares,
    colour_counts,
    difference_counts,
    magnified_residual,
    radial_power,
    residual_power,
)


def pictures(seed, height=24, width=32, batch=2):
    return torch.randint(256, (batch, 3, height, width), generator=torch.Generator().manual_seed(seed)).byte()


def test_changed_bits_are_those_that_numpy_unpacks():
    covers, containers = pictures(1), pictures(2)
    first, second = (np.unpackbits(each.numpy()[..., None], axis=-1)[..., ::-1] for each in (covers, containers))
    np.testing.assert_allclose(changed_bits(covers, containers), (first != second).mean(axis=(0, 2, 3)))


def test_only_the_lowest_bit_of_one_channel():
    covers = pictures(1)
    containers = covers.clone()
    containers[:, 2] ^= 1
    rates = changed_bits(covers, containers)
    assert rates[2, 0] == 1
    assert rates.sum() == 1
    assert channel_shares(covers, containers).tolist() == [0, 0, 1]


def test_differences_and_colours_are_counted_with_their_sign():
    covers, containers = pictures(1), pictures(2)
    counts = difference_counts(covers, containers)
    signed = containers.numpy().astype(int) - covers.numpy()
    assert counts.shape == (3, 511)
    for channel in range(3):
        expected, _ = np.histogram(signed[:, channel], bins=np.arange(-255, 257) - 0.5)
        np.testing.assert_array_equal(counts[channel], expected)
        np.testing.assert_array_equal(
            colour_counts(covers)[channel], np.bincount(covers[:, channel].flatten(), minlength=256)
        )


def test_power_is_that_of_a_wave_at_its_frequency():
    covers = torch.full((1, 3, 32, 64), 128, dtype=torch.uint8)
    wave = 20 * torch.cos(2 * torch.pi * 8 / 64 * torch.arange(64))
    containers = (128 + wave.round()).byte().expand(1, 3, 32, 64)
    power = residual_power(covers, containers)
    error = (containers.double() - 128).square().mean()
    torch.testing.assert_close(power.mean(), error)
    peaks = (power > 0.4 * power.max()).nonzero().tolist()
    assert peaks == [[16, 32 - 8], [16, 32 + 8]]
    frequencies, rings = radial_power(power, bins=16)
    assert abs(float(frequencies[rings.argmax()]) - 8 / 64) < 1 / 32


def test_white_noise_has_the_same_power_in_every_ring():
    random = torch.Generator().manual_seed(3)
    covers = torch.full((8, 3, 64, 64), 128, dtype=torch.uint8)
    containers = (128 + 6 * torch.randn(covers.shape, generator=random)).round().byte()
    _, rings = radial_power(residual_power(covers, containers))
    assert (rings[2:] / 36 - 1).abs().max() < 0.25


def test_residual_is_shown_around_grey():
    cover = torch.full((1, 3, 2, 2), 100, dtype=torch.uint8)
    container = cover.clone()
    container[0, 0, 0, 0], container[0, 1, 0, 0] = 110, 0
    shown = magnified_residual(cover, container, 5)
    assert shown[0, 0, 0, 0] == pytest.approx(0.5 + 50 / 255)
    assert shown[0, 1, 0, 0] == 0
    assert (shown[0, 2] == 0.5).all()


@pytest.mark.parametrize(
    ("covers", "containers"),
    [
        (torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)),
        (pictures(1), pictures(1, width=31)),
        (pictures(1)[0], pictures(2)[0]),
    ],
)
def test_what_are_no_pairs_of_saved_pictures_is_refused(covers, containers):
    with pytest.raises(ValueError, match="expected"):
        changed_bits(covers, containers)
