import numpy as np
import pytest
import torch
from support.byte_pictures import byte_picture

from miais.obfuscation import ExtendedLearnableEncryption
from miais.obfuscation.keyed_draws import keyed_bits, keyed_permutations

KEY = bytes(range(32))


def cut(picture, number, block):
    across = picture.shape[2] // block
    row, column = block * (number // across), block * (number % across)
    return picture[:, row : row + block, column : column + block]


@pytest.mark.parametrize(("block", "size", "group"), [(4, (12, 20), 4096), (64, (320, 256), 16)])
def test_blocks_have_keys_of_their_own_and_move(block, size, group):
    picture = byte_picture(*size).numpy()
    hidden = ExtendedLearnableEncryption(KEY, block=block)(torch.from_numpy(picture)).numpy()
    length, count = 6 * block**2, size[0] * size[1] // block**2
    positions = keyed_permutations(KEY, "ele positions", count, 1)[0]
    keys = [
        (
            keyed_permutations(KEY, f"ele permutations {part}", length, group),
            keyed_bits(KEY, f"ele flips {part}", group * length).reshape(group, length),
        )
        for part in range(-(-count // group))
    ]
    for number in range(count):
        source = positions[number]
        values = cut(picture, source, block).transpose(1, 2, 0).ravel()
        nibbles = np.concatenate([values & 15, values >> 4])
        order, flips = (part[source % group] for part in keys[source // group])
        low, high = np.split(np.where(flips, 15 - nibbles[order], nibbles[order]), 2)
        expected = (low | high << 4).reshape(block, block, 3).transpose(2, 0, 1)
        np.testing.assert_array_equal(cut(hidden, number, block), expected)


def test_equal_blocks_become_different():
    hidden = ExtendedLearnableEncryption(KEY)(byte_picture(4, 4).repeat(1, 8, 8))
    blocks = {cut(hidden.numpy(), number, 4).tobytes() for number in range(64)}
    assert len(blocks) == 64
