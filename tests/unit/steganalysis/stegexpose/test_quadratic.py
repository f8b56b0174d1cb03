import math

import pytest

from miais.steganalysis.stegexpose.quadratic import quadratic_roots, quotient, root_nearest_zero


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (1, 4, 0.25),
        (1, 0, math.inf),
        (1, -0.0, -math.inf),
        (-1, 0, -math.inf),
        (-0.0, 2, -0.0),
        (math.inf, 0, math.inf),
    ],
)
def test_quotients(numerator, denominator, expected):
    found = quotient(numerator, denominator)
    assert (found, math.copysign(1, found)) == (expected, math.copysign(1, expected))


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 0), (math.nan, 1), (math.inf, math.inf)])
def test_quotients_without_a_value(numerator, denominator):
    assert math.isnan(quotient(numerator, denominator))


@pytest.mark.parametrize(("plus", "minus"), [(2, 1), (3, -2), (-1, -4), (5, 5), (0.5, 0.25)])
@pytest.mark.parametrize("a", [1, 2, 0.5])
def test_roots_of_products(plus, minus, a):
    assert quadratic_roots(a, -a * (plus + minus), a * plus * minus) == (plus, minus)
    assert quadratic_roots(-a, a * (plus + minus), -a * plus * minus) == (minus, plus)


def test_complex_roots_are_none():
    assert quadratic_roots(1, 1, 1) is None
    assert root_nearest_zero(1, 1, 1) is None


def test_without_a_square_term_the_roots_are_not_those_of_the_line():
    plus, minus = quadratic_roots(0, 2, -1)
    assert math.isnan(plus)
    assert minus == -math.inf
    assert root_nearest_zero(0, 2, -1) == -math.inf
    assert math.isnan(root_nearest_zero(0, -2, 1))
    assert math.isnan(root_nearest_zero(0, 0, 1))


def test_the_sign_of_zero_follows_the_coefficients():
    assert math.copysign(1, root_nearest_zero(2, 0, 0)) == 1  # (-0 + 0) / 4
    assert math.copysign(1, root_nearest_zero(2, -3, 0)) == 1  # (3 - 3) / 4
    assert math.copysign(1, root_nearest_zero(-2, -3, 0)) == -1


@pytest.mark.parametrize(("b", "expected"), [(-3, 1.0), (3, -1.0)])
def test_the_root_nearest_zero(b, expected):
    assert root_nearest_zero(1, b, 2) == expected


def test_of_two_equally_near_the_one_with_plus():
    assert root_nearest_zero(1, 0, -4) == 2
    assert root_nearest_zero(-1, 0, 4) == -2
