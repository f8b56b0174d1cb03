import numpy as np
import pytest
import torch
from support.byte_pictures import byte_picture

from miais.obfuscation import LearnableEncryption
from miais.obfuscation.keyed_draws import keyed_bits, keyed_permutations

KEY = bytes(range(32))


def by_loops(picture, block, encrypt):
    """Apply `encrypt` to the half bytes of each block of (3, H, W)."""
    result = np.zeros_like(picture)
    for row in range(0, picture.shape[1], block):
        for column in range(0, picture.shape[2], block):
            place = np.s_[:, row : row + block, column : column + block]
            values = picture[place].transpose(1, 2, 0).ravel().astype(int)
            low, high = np.split(np.array(encrypt([*(values % 16), *(values // 16)])), 2)
            result[place] = (low + 16 * high).reshape(block, block, 3).transpose(2, 0, 1)
    return result


@pytest.mark.parametrize("block", [4, 8])
def test_textbook_form(block):
    size = 6 * block**2
    order = keyed_permutations(KEY, "le permutation", size, 1)[0]
    flips = keyed_bits(KEY, "le flips", size)

    def encrypt(nibbles):
        return [15 - nibbles[order[j]] if flips[j] else nibbles[order[j]] for j in range(size)]

    picture = byte_picture(16, 24).numpy()
    hidden = LearnableEncryption(KEY, block=block)(torch.from_numpy(picture))
    np.testing.assert_array_equal(hidden, by_loops(picture, block, encrypt))


def test_reference_form_inverts_before_and_after_the_permutation_at_the_same_places():
    order = keyed_permutations(KEY, "le permutation", 96, 1)[0]
    inverts = order > 48

    def encrypt(nibbles):
        before = [15 - nibble if invert else nibble for nibble, invert in zip(nibbles, inverts, strict=True)]
        moved = [before[source] for source in order]
        return [15 - nibble if invert else nibble for nibble, invert in zip(moved, inverts, strict=True)]

    picture = byte_picture(16, 24).numpy()
    hidden = LearnableEncryption(KEY, flip="reference")(torch.from_numpy(picture))
    np.testing.assert_array_equal(hidden, by_loops(picture, 4, encrypt))


def test_equal_blocks_stay_equal():
    tile = byte_picture(4, 4)
    hidden = LearnableEncryption(KEY)(tile.repeat(1, 3, 5))
    assert torch.equal(hidden, hidden[:, :4, :4].repeat(1, 3, 5))
