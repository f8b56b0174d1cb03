import numpy as np
import pytest

from miais.steganalysis.stegexpose import stegexpose_pixels

DARK = {0: 0, 1: 13, 2: 22, 3: 28, 4: 34, 5: 38, 128: 188, 254: 255, 255: 255}


def test_rgb_is_what_it_is():
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    assert (stegexpose_pixels(pixels) == pixels).all()


def test_alpha_is_ignored_even_where_nothing_shows():
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 4), dtype=np.uint8)
    pixels[0, :, 3] = 0
    assert (stegexpose_pixels(pixels) == pixels[..., :3]).all()


@pytest.mark.parametrize("bands", [None, 1, 2])
def test_grey_is_taken_as_linear_light(bands):
    grey = np.array([list(DARK)], dtype=np.uint8)
    samples = grey if bands is None else np.stack([grey, np.zeros_like(grey)], axis=-1)[..., :bands]
    pixels = stegexpose_pixels(samples)
    assert pixels.shape == (1, len(DARK), 3)
    assert pixels[0].tolist() == [[level] * 3 for level in DARK.values()]


def test_grey_loses_its_bright_levels():
    levels = stegexpose_pixels(np.arange(256, dtype=np.uint8)[None])[0, :, 0].astype(int)
    assert (np.diff(levels) >= 0).all()
    assert len(set(levels.tolist())) < 256


def test_sixteen_bits_are_rounded_not_cut():
    samples = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    colour = stegexpose_pixels(np.stack([samples] * 3, axis=-1))
    expected = (2 * samples.astype(np.int64) + 257) // 514  # v / 257 to the nearest, in integers
    assert (colour == expected[..., None]).all()
    assert not (colour[..., 0] == samples >> 8).all()


def test_sixteen_bit_grey_agrees_with_eight_bits_at_their_levels():
    grey = np.arange(256, dtype=np.uint8)[None]
    assert (stegexpose_pixels(grey.astype(np.uint16) * 257) == stegexpose_pixels(grey)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_other_types_are_refused(dtype):
    with pytest.raises(TypeError, match="expected samples of uint8 or uint16"):
        stegexpose_pixels(np.zeros((4, 4), dtype=dtype))


@pytest.mark.parametrize("shape", [(4,), (4, 4, 5), (4, 4, 0), (2, 4, 4, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected samples of shape \(H, W\)"):
        stegexpose_pixels(np.zeros(shape, dtype=np.uint8))
