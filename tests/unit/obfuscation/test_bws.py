import numpy as np
import torch
from support.byte_pictures import byte_picture

from miais.obfuscation import BlockShuffle
from miais.obfuscation.keyed_draws import keyed_permutations

KEY = bytes(range(32))


def test_pixels_of_every_block_move_alike():
    picture = byte_picture(8, 12).numpy()
    hidden = BlockShuffle(KEY)(torch.from_numpy(picture)).numpy()
    order = keyed_permutations(KEY, "bws permutations", 16, 1)[0]
    for row in (0, 4):
        for column in (0, 4, 8):
            block, result = (image[:, row : row + 4, column : column + 4].reshape(3, 16) for image in (picture, hidden))
            np.testing.assert_array_equal(result, block[:, order])


def test_values_move_by_row_column_and_channel():
    picture = byte_picture(4, 4).numpy()
    hidden = BlockShuffle(KEY, values=True)(torch.from_numpy(picture)).numpy()
    order = keyed_permutations(KEY, "bws permutations", 48, 1)[0]
    values, results = (image.transpose(1, 2, 0).ravel() for image in (picture, hidden))
    np.testing.assert_array_equal(results, values[order])


def test_blocks_may_have_permutations_of_their_own():
    tile = torch.arange(48, dtype=torch.uint8).view(3, 4, 4)
    hidden = BlockShuffle(KEY, per_block_key=True)(tile.repeat(1, 2, 2))
    orders = keyed_permutations(KEY, "bws permutations", 16, 4)
    for number, order in enumerate(orders):
        row, column = 4 * (number // 2), 4 * (number % 2)
        assert hidden[0, row : row + 4, column : column + 4].flatten().tolist() == order.tolist()
