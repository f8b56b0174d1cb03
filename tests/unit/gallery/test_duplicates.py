import numpy as np
import pytest
import torch
from support.galleries import enrolment

from miais.gallery.duplicates import SAME, new_among


@pytest.mark.parametrize(("start", "step", "new"), [(0.1, -0.2, 0), (0.9, 0.2, 0), (0.1, -3, 1), (0.9, 3, 1)])
def test_the_same_is_found_on_both_sides_of_a_border(start, step, new):
    """Vectors are compared with those of near first coordinates; two that are the same may lie beside a border."""
    first = (0.1 + start * SAME) * torch.eye(3)[0]
    second = first + step * SAME * torch.eye(3)[0]
    assert len(new_among([enrolment("Ann", second)], [("Ann", first.numpy())])) == new


def test_other_coordinates_count_too():
    there = [("Ann", np.array([0.6, 0.8, 0.0], np.float32))]
    assert len(new_among([enrolment("Ann", torch.tensor([0.6, 0.0, 0.8]))], there)) == 1
    assert len(new_among([enrolment("Bo", torch.tensor([0.6, 0.8, 0.0]))], there)) == 1
    assert new_among([enrolment("Ann", torch.tensor([0.6, 0.8, 0.0]))], there) == []
