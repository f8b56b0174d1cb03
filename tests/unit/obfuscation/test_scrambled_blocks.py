"""Block scrambling, by EtC on colours and on grey planes and by EM-HOG, against NumPy's own turns and mirrors."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from support.byte_pictures import byte_picture

from miais.obfuscation import EncryptionThenCompression, GreyEncryptionThenCompression, HogEncryption
from miais.obfuscation.blocks import split_blocks
from miais.obfuscation.keyed_draws import keyed_choices, keyed_integers, keyed_permutations

KEY = bytes(range(32))
ORDERS = ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0])


def scrambled(picture, purpose, block, *, negative_share=0.5, colours=True):
    """The steps one after the other on each block of (C, H, W)."""
    _, height, width = picture.shape
    across = width // block
    count = across * height // block

    def place(number):
        row, column = block * (number // across), block * (number % across)
        return np.s_[:, row : row + block, column : column + block]

    positions = keyed_permutations(KEY, f"{purpose} positions", count, 1)[0]
    turns = keyed_integers(KEY, f"{purpose} turns", 4, count)
    mirrors = keyed_integers(KEY, f"{purpose} mirrors", 4, count)
    negatives = keyed_choices(KEY, f"{purpose} negatives", negative_share, count)
    orders = keyed_integers(KEY, f"{purpose} colours", 6, count)
    result = np.empty_like(picture)
    for number in range(count):
        part = np.rot90(picture[place(positions[number])], turns[number], axes=(1, 2))
        if mirrors[number] & 1:
            part = part[:, :, ::-1]
        if mirrors[number] & 2:
            part = part[:, ::-1]
        if negatives[number]:
            part = 255 - part
        if colours:
            part = part[ORDERS[orders[number]]]
        result[place(number)] = part
    return result


@pytest.mark.parametrize("block", [4, 8, 16])
def test_colour_scheme(block):
    picture = byte_picture(48, 64).numpy()
    hidden = EncryptionThenCompression(KEY, block=block)(torch.from_numpy(picture))
    np.testing.assert_array_equal(hidden, scrambled(picture, "etc", block))


@pytest.mark.parametrize("share", [0.0, 0.75, 1.0])
def test_em_hog_leaves_colours_and_inverts_a_share(share):
    picture = byte_picture(32, 48).numpy()
    hidden = HogEncryption(KEY, block=8, negative_share=share)(torch.from_numpy(picture))
    expected = scrambled(picture, "em-hog", 8, negative_share=share, colours=False)
    np.testing.assert_array_equal(hidden, expected)


def test_grey_scheme_mixes_the_planes_of_pillows_ycbcr():
    picture = byte_picture(16, 24)
    planes = np.asarray(Image.fromarray(picture.permute(1, 2, 0).numpy()).convert("YCbCr")).transpose(2, 0, 1)
    wide = np.concatenate(planes, axis=1)[None]
    hidden = GreyEncryptionThenCompression(KEY)(picture)
    expected = scrambled(wide, "etc-grey", 8, colours=False)[0].reshape(16, 3, 24).transpose(1, 0, 2)
    assert np.abs(hidden.numpy().astype(int) - expected).max() <= 1  # Pillow cuts where we round


def test_scrambled_picture_survives_jpeg_about_as_well_as_the_plain_one():
    """What the scheme is for: its blocks are made of those of JPEG."""
    picture = byte_picture(128, 128)

    def as_jpeg(image):
        file = io.BytesIO()
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(file, "JPEG", quality=80, subsampling="4:4:4")
        return torch.from_numpy(np.asarray(Image.open(file)).copy()).permute(2, 0, 1), len(file.getvalue())

    def error(image):
        return float((image.double() - picture.double()).square().mean())

    method = EncryptionThenCompression(KEY)
    plain, plain_size = as_jpeg(picture)
    hidden, hidden_size = as_jpeg(method(picture))
    assert error(method.inverse(hidden)) < 2 * error(plain)
    assert hidden_size < 1.5 * plain_size


def test_all_symmetries_and_colour_orders_occur():
    block = torch.arange(48, dtype=torch.uint8).view(3, 4, 4)
    hidden = EncryptionThenCompression(KEY, block=4)(block.repeat(1, 32, 32))
    assert len({part.numpy().tobytes() for part in split_blocks(hidden[None], 4)[0]}) == 8 * 6 * 2
