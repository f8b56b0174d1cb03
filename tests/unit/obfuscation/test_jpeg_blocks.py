import io

import numpy as np
import pytest
import scipy.fft
import torch
from PIL import Image
from support.byte_pictures import byte_picture

from miais.obfuscation.jpeg_blocks import _tables, jpeg_coefficients, jpeg_picture
from miais.obfuscation.ycbcr import rgb_to_ycbcr


def as_jpeg(picture, quality):
    file = io.BytesIO()
    Image.fromarray(picture.permute(1, 2, 0).numpy()).save(file, "JPEG", quality=quality, subsampling="4:4:4")
    return Image.open(file)


@pytest.mark.parametrize("quality", [1, 30, 50, 75, 100])
def test_tables_are_those_of_libjpeg(quality):
    written = as_jpeg(byte_picture(8, 8), quality).quantization
    ours = _tables(quality, torch.device("cpu"))
    for number in (0, 1):
        np.testing.assert_array_equal(ours[number].flatten(), written[number])
    assert torch.equal(ours[2], ours[1])


def test_coefficients_are_those_of_scipys_transform():
    picture = byte_picture(16, 24)
    samples = rgb_to_ycbcr(picture[None])[0].numpy() - 128.0
    ours = jpeg_coefficients(picture[None], quality=75)[0]
    tables = _tables(75, torch.device("cpu")).numpy()
    for number in range(6):
        row, column = 8 * (number // 3), 8 * (number % 3)
        block = samples[:, row : row + 8, column : column + 8]
        exact = scipy.fft.dctn(block, axes=(1, 2), norm="ortho") / tables
        assert np.abs(ours[number].numpy() - exact).max() < 0.5 + 1e-4


@pytest.mark.parametrize(("size", "quality"), [((16, 24), 75), ((13, 21), 75), ((40, 8), 30), ((5, 3), 95)])
def test_picture_is_pillows_jpeg(size, quality):
    picture = byte_picture(*size, seed=2)
    ours = jpeg_picture(jpeg_coefficients(picture[None], quality), quality, *size)[0]
    pillow = np.asarray(as_jpeg(picture, quality)).transpose(2, 0, 1).astype(int)
    difference = np.abs(ours.numpy() - pillow)
    # Its transform is a faster, coarser one: a coefficient near a half may be rounded the other way.
    assert difference.mean() < 0.5
    assert np.quantile(difference, 0.99) <= 3


def test_means_halfway_between_two_steps_are_rounded_away_from_zero():
    """As in libjpeg, and everywhere alike: the coefficient is 8 (Y - 128), the step 16."""
    levels = torch.tensor([125, 127, 128, 129, 131]).byte()
    picture = levels.view(1, 5, 1).repeat_interleave(8, 1).expand(3, 40, 8)
    assert jpeg_coefficients(picture[None], quality=50)[0, :, 0, 0, 0].tolist() == [-2, -1, 0, 1, 2]
