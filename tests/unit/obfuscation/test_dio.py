import numpy as np
import pytest
import scipy.ndimage
import torch
from support.byte_pictures import byte_picture

from miais.obfuscation import P3, GaussianBlur, Mosaic
from miais.obfuscation.jpeg_blocks import jpeg_coefficients, jpeg_picture


@pytest.mark.parametrize("threshold", [1, 10, 20])
def test_public_part_has_no_mean_and_no_strong_coefficient(threshold):
    picture = byte_picture(33, 50)
    method = P3(threshold=threshold, quality=95)
    public, secret, size = method.split(picture)
    whole = jpeg_coefficients(picture[None], 95)
    assert size == (33, 50)
    assert (public[..., 0, 0] == 0).all()
    assert torch.equal(secret[..., 0, 0], whole[..., 0, 0])
    others = torch.ones(8, 8, dtype=torch.bool)
    others[0, 0] = False
    parts = [part[..., others].flatten().tolist() for part in (public, secret, whole)]
    for part, own, coefficient in zip(*parts, strict=True):
        if abs(coefficient) <= threshold:
            assert (part, own) == (coefficient, 0)
        else:
            assert part == threshold
            assert own == coefficient - threshold * (1 if coefficient > 0 else -1)


def test_joined_parts_are_the_jpeg_that_was_split():
    batch = torch.stack([byte_picture(33, 50, seed) for seed in range(2)])
    for threshold in (1, 10):
        method = P3(threshold=threshold)
        parts = method.split(batch)
        whole = jpeg_coefficients(batch, 75)
        assert torch.equal(method.coefficients(parts), whole)
        assert torch.equal(method.join(parts), jpeg_picture(whole, 75, 33, 50))


def test_public_picture_has_lost_its_light():
    picture = byte_picture(64, 64)
    public = P3()(picture)
    assert (public.double().mean(dim=(1, 2)) - 128).abs().max() < 12
    assert (P3()(torch.full((3, 8, 8), 200, dtype=torch.uint8)) == 128).all()


@pytest.mark.parametrize("window", [1, 4, 7, 64])
def test_windows_have_their_mean_also_at_the_border(window):
    picture = byte_picture(20, 30)
    coarse = Mosaic(window)(picture)
    for row in range(0, 20, window):
        for column in range(0, 30, window):
            place = np.s_[:, row : row + window, column : column + window]
            mean = picture[place].double().mean(dim=(1, 2)).round()
            assert (coarse[place] == mean[:, None, None]).all()


@pytest.mark.parametrize("sigma", [0.5, 4.0, 16.0])
def test_blur_is_scipys(sigma):
    picture = byte_picture(40, 300)
    expected = scipy.ndimage.gaussian_filter(
        picture.double().numpy(), sigma, axes=(1, 2), mode="nearest", radius=int(np.ceil(3 * sigma))
    )
    assert np.abs(GaussianBlur(sigma)(picture).numpy() - expected).max() < 0.52


def test_blur_keeps_what_is_flat():
    flat = torch.full((3, 20, 30), 201, dtype=torch.uint8)
    assert torch.equal(GaussianBlur(8.0)(flat), flat)
