import numpy as np
import pytest
import torch
from scipy.ndimage import correlate

from miais.steganalysis.learned.srm import srm_filters

ROWS, COLUMNS = np.mgrid[:9, :9].astype(float)


def test_there_are_thirty_different_ones_that_each_sum_to_zero():
    filters = srm_filters()
    assert filters.shape == (30, 5, 5)
    assert filters.dtype == torch.float32
    assert len({each.numpy().tobytes() for each in filters}) == 30
    assert torch.equal(filters.sum(dim=(1, 2)), torch.zeros(30))


def test_normalised_ones_have_a_centre_of_one():
    plain, normalized = srm_filters(), srm_filters(normalized=True)
    assert torch.equal(normalized[:, 2, 2].abs(), torch.ones(30))
    centres = plain[:, 2, 2].abs()
    assert sorted(set(centres.tolist())) == [1, 2, 3, 4, 12]
    torch.testing.assert_close(normalized * centres[:, None, None], plain)


@pytest.mark.parametrize(("numbers", "order"), [(range(8), 1), (range(8, 12), 2), (range(12, 20), 3)])
def test_an_order_leaves_nothing_of_polynomials_below_it_and_something_of_the_next(numbers, order):
    for number in numbers:
        kernel = srm_filters()[number].numpy().astype(float)
        for power in range(order):
            for picture in (ROWS**power, COLUMNS**power):
                assert correlate(picture, kernel)[2:-2, 2:-2] == pytest.approx(0, abs=1e-9)
        left = [np.abs(correlate(picture**order, kernel)[2:-2, 2:-2]).max() for picture in (ROWS, COLUMNS)]
        assert max(left) > 0.5


def test_directions_are_the_eight_neighbours_once_each():
    filters = srm_filters()
    first = {tuple(np.argwhere(each.numpy() == 1)[0] - 2) for each in filters[:8]}
    third = {tuple(np.argwhere(each.numpy() == 3)[0] - 2) for each in filters[12:20]}
    around = {(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)} - {(0, 0)}
    assert first == third == around


@pytest.mark.parametrize("whole", [20, 25])
def test_edges_are_the_square_without_one_side(whole):
    filters = srm_filters()
    square, edges = filters[whole], filters[whole + 1 : whole + 5]
    assert torch.equal(square, square.T)
    assert torch.equal(square, square.flip(0))
    for edge in edges:
        assert ((edge == square) | (edge == 0)).all()
        assert torch.equal(edge[2], square[2]) or torch.equal(edge[:, 2], square[:, 2])
    # What one leaves out, the opposite one has; together they are the square and its centre line once more.
    opposite = edges[0] + edges[2] - square
    assert torch.equal(opposite[2], square[2])
    assert opposite.abs().sum() == square[2].abs().sum()
