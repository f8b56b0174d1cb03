import math

import pytest

from miais.steganalysis.stegexpose.fusion import fused_score, limited, message_bytes


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.25, 0.25), (-0.25, 0.25), (1.0, 1.0), (1.5, 1.0), (-3.0, 1.0), (math.inf, 1.0), (-math.inf, 1.0), (0.0, 0.0)],
)
def test_limited(value, expected):
    assert limited(value) == expected


def test_limited_keeps_nan_and_drops_the_sign_of_zero():
    assert math.isnan(limited(math.nan))
    assert math.copysign(1, limited(-0.0)) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0.5, 0.25], 0.375), ([0.5, None], 0.5), ([math.nan, 0.5, None], 0.5), ([0.0, None, 1.0, 0.5], 0.5)],
)
def test_mean_of_what_there_is(values, expected):
    assert fused_score(values) == expected


@pytest.mark.parametrize("values", [[], [None, None], [math.nan], [None, math.nan]])
def test_nothing_to_average_is_nan(values):
    assert math.isnan(fused_score(values))


def test_values_are_added_in_order():
    assert fused_score([0.1, 0.2, 0.3]) == (0.1 + 0.2 + 0.3) / 3


@pytest.mark.parametrize(
    ("fused", "file_bytes", "expected"),
    [
        (0.0, 500, 0),
        (1.0, 300, 100),
        (0.5, 3, 1),
        (0.5, 9, 2),
        (0.5, 15, 3),
        (0.25, 5, 0),
        (math.nan, 500, 0),
        (1, 0, 0),
    ],
)
def test_message_bytes_round_halves_up(fused, file_bytes, expected):
    assert message_bytes(fused, file_bytes) == expected


def test_message_bytes_refuse_a_negative_size():
    with pytest.raises(ValueError, match="expected the size of a file in bytes, got -1"):
        message_bytes(0.5, -1)
