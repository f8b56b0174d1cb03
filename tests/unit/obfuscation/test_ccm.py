import numpy as np
import pytest
import torch
from support.byte_pictures import byte_picture

from miais.obfuscation import CombinedCatMap
from miais.obfuscation.keyed_draws import keyed_fractions, keyed_integers

KEY = bytes(range(32))


def round_numbers(count):
    """The logistic map in Python floats."""
    z = 0.1 + 0.8 * float(keyed_fractions(KEY, "ccm start", 1)[0])
    for _ in range(1000):
        z = 3.99 * z * (1.0 - z)
    numbers = []
    for _ in range(4 * count):
        z = 3.99 * z * (1.0 - z)
        numbers.append(int(z * 1e14))
    return [numbers[4 * number : 4 * number + 4] for number in range(count)]


@pytest.mark.parametrize(("side", "rounds"), [(8, 1), (16, 4), (33, 3)])
def test_pixels_of_a_square_go_where_the_formula_says(side, rounds):
    picture = byte_picture(side, side)
    hidden = CombinedCatMap(KEY, rounds=rounds)(picture)
    for row in range(side):
        for column in range(side):
            x, y = column, row
            for p, q, right, down in round_numbers(rounds):
                x, y = (x + p * y + right) % side, (q * x + (p * q + 1) * y + down) % side
            assert torch.equal(hidden[:, y, x], picture[:, row, column])


def test_rectangles_are_permuted_too():
    numbers = torch.arange(7 * 12, dtype=torch.uint8).view(1, 7, 12).expand(3, 7, 12)
    hidden = CombinedCatMap(KEY)(numbers)
    assert sorted(hidden[0].flatten().tolist()) == list(range(84))
    assert torch.equal(hidden[0], hidden[2])


def test_diffusion_is_that_of_plain_loops():
    picture = byte_picture(16, 24)
    moved = CombinedCatMap(KEY)(picture).numpy()
    hidden = CombinedCatMap(KEY, diffusion=True)(picture).numpy()
    start = float(keyed_fractions(KEY, "ccm diffusion start", 1)[0])
    total = int(keyed_integers(KEY, "ccm diffusion first", 255 * 192 + 1, 1)[0])
    for row in (0, 8):
        for column in (0, 8, 16):
            z = (start + total / 65536) % 1.0
            for _ in range(20):
                z = 3.99 * z * (1.0 - z)
            block = []
            for value in moved[:, row : row + 8, column : column + 8].transpose(1, 2, 0).ravel().tolist():
                z = 3.99 * z * (1.0 - z)
                block.append(value ^ (int(z * 1e14) % 256))
            expected = np.array(block).reshape(8, 8, 3).transpose(2, 0, 1)
            np.testing.assert_array_equal(hidden[:, row : row + 8, column : column + 8], expected)
            total = sum(block)


def test_diffusion_carries_a_change_to_all_that_follows():
    picture = byte_picture(64, 64)
    method = CombinedCatMap(KEY, diffusion=True)
    first = CombinedCatMap(KEY).inverse(torch.ones(1, 8, 8).byte().expand(3, 8, 8)).new_zeros(3, 64, 64)
    first[:, 0, 0] = 1  # a change to the first pixel after the moves
    changed = picture ^ CombinedCatMap(KEY).inverse(first)
    differing = method(picture) != method(changed)
    assert differing[:, 8:].float().mean() > 0.98
