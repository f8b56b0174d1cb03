import pytest
import torch

from miais.peers.shapes import check_images, check_pair


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        (
            (48, 64),
            {"step": 32},
            "expected a cover whose sides are multiples of 32, got 48x64; crop or resize to 32x64",
        ),
        ((20, 33), {"step": 32}, "got 20x33; crop or resize to 32x32"),  # never to nothing
        ((7, 8), {"step": 2}, "got 7x8; crop or resize to 6x8"),
        ((5, 30), {"least": 9}, "sides are at least 9, got 5x30; crop or resize to 9x30"),
    ],
)
def test_sides_that_do_not_fit_are_named_with_the_nearest_that_do(size, options, message):
    with pytest.raises(ValueError, match=message):
        check_images("cover", torch.zeros(1, 3, *size), **options)


def test_images_that_fit_pass():
    check_images("cover", torch.zeros(2, 3, 5, 7))
    check_images("cover", torch.zeros(2, 3, 9, 30, dtype=torch.float64), least=9)
    check_pair(torch.zeros(2, 3, 64, 32), torch.zeros(2, 3, 64, 32), step=32)


def test_the_one_of_a_pair_that_does_not_fit_is_named():
    good, bad = torch.zeros(1, 3, 4, 4), torch.zeros(1, 4, 4, 4)
    for pair, name in (((bad, good), "secret"), ((good, bad), "cover")):
        with pytest.raises(ValueError, match=rf"expected a {name} of shape \(N, 3, H, W\), got \(1, 4, 4, 4\)"):
            check_pair(*pair)
