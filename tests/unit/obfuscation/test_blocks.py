import numpy as np
import pytest
import torch

from miais.obfuscation.blocks import join_blocks, split_blocks


def test_blocks_are_those_that_loops_cut():
    images = torch.arange(2 * 3 * 6 * 8).view(2, 3, 6, 8)
    blocks = split_blocks(images, 2)
    assert blocks.shape == (2, 12, 3, 2, 2)
    for number in range(12):
        row, column = 2 * (number // 4), 2 * (number % 4)
        np.testing.assert_array_equal(blocks[:, number], images[:, :, row : row + 2, column : column + 2])
    assert torch.equal(join_blocks(blocks, 6, 8), images)


def test_block_larger_than_the_picture_is_refused():
    with pytest.raises(ValueError, match="multiples of the block's 16 pixels, got 8x6; resize the picture, to 16x16"):
        split_blocks(torch.zeros(1, 3, 6, 8), 16)
