"""Primary sets and sample pairs against loops over single pairs."""

import math

import numpy as np
import pytest

from miais.steganalysis.stegexpose import primary_sets, sample_pairs
from miais.steganalysis.stegexpose.pair_sets import PairSets, count_pair_sets

SHAPES = [(2, 2), (4, 4), (2, 8), (6, 4), (8, 10)]


def random_channel(seed: int, shape: tuple[int, int], *, span: int = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, span, shape, dtype=np.uint8) + np.uint8(rng.integers(0, 256 - span))


def in_x(u: int, v: int) -> bool:
    return (v % 2 == 0 and u < v) or (v % 2 == 1 and u > v)


def in_y(u: int, v: int) -> bool:
    return (v % 2 == 0 and u > v) or (v % 2 == 1 and u < v)


def horizontal(channel: np.ndarray) -> list[tuple[int, int]]:
    rows = channel.tolist()
    return [(row[x], row[x + 1]) for row in rows for x in range(0, len(row) - 1, 2)]


def solved(pairs: list[tuple[int, int]], w: int) -> tuple[np.ndarray, np.float64, np.float64, bool]:
    """Both roots, b, c, and whether the roots are real."""
    x, y = (sum(member(u, v) for u, v in pairs) for member in (in_x, in_y))
    a = np.float64(0.5 * (w + sum(u == v for u, v in pairs)))
    b, c = np.float64(2 * x - len(pairs)), np.float64(y - x)
    with np.errstate(all="ignore"):
        root = np.sqrt(b * b - 4 * a * c)
        return np.array([(-b + root) / (2 * a), (-b - root) / (2 * a)]), b, c, b * b >= 4 * a * c


def naive_primary_sets(channel: np.ndarray) -> float:
    pairs = horizontal(channel)
    (plus, minus), *_ = solved(pairs, sum(in_y(u, v) and (u % 2 == 1 or v % 2 == 1) for u, v in pairs))
    return plus if plus < minus else minus


def naive_sample_pairs(channel: np.ndarray) -> float:
    pairs = horizontal(channel) + horizontal(channel.T)
    (plus, minus), b, c, real = solved(pairs, sum(u // 2 == v // 2 and u != v for u, v in pairs))
    with np.errstate(all="ignore"):
        if not real:
            return c / b
        nearest = plus if abs(plus) <= abs(minus) else minus
        return c / b if nearest == 0 else nearest


@pytest.mark.parametrize("shape", [*SHAPES, (3, 5), (1, 2), (5, 3)])
def test_primary_sets_agree_with_loops(shape):
    found, expected = [], []
    for seed in range(40):
        channel = random_channel(seed, shape, span=3 + seed % 5)
        found.append(primary_sets(channel))
        expected.append(naive_primary_sets(channel))
    np.testing.assert_array_equal(found, expected)
    assert np.isfinite(found).any()


@pytest.mark.parametrize("shape", SHAPES)
def test_sample_pairs_agree_with_loops(shape):
    found, expected = [], []
    for seed in range(40):
        channel = random_channel(seed, shape, span=3 + seed % 5)
        found.append(sample_pairs(channel))
        expected.append(naive_sample_pairs(channel))
    np.testing.assert_array_equal(found, expected)
    assert np.isfinite(found).any()


@pytest.mark.parametrize(
    ("u", "v", "sets"),
    [
        (4, 4, "z"),
        (4, 5, "yw"),
        (5, 4, "yw"),
        (5, 6, "x"),
        (6, 5, "x"),
        (4, 6, "x"),
        (6, 4, "y"),
        (0, 255, "y"),
        (255, 0, "y"),
        (254, 255, "yw"),
    ],
)
def test_sets_of_single_pairs(u, v, sets):
    u, v = np.array([u], dtype=np.uint8), np.array([v], dtype=np.uint8)
    expected = {name: int(name in sets) for name in "xyzw"}
    assert count_pair_sets(u, v, (u ^ v) == 1) == PairSets(pairs=1, **expected)


def test_every_possible_pair_is_in_one_set():
    u, v = (grid.astype(np.uint8) for grid in np.mgrid[:256, :256])
    sets = count_pair_sets(u, v, (u ^ v) == 1)
    assert (sets.x + sets.y + sets.z, sets.pairs) == (65536, 65536)
    assert (sets.z, sets.w) == (256, 256)
    for a, b in [(0, 1), (77, 200), (200, 77), (201, 76)]:
        one = count_pair_sets(u[a : a + 1, b], v[a, b : b + 1], np.array([False]))
        assert (one.x, one.y) == (in_x(a, b), in_y(a, b))


def test_w_of_the_primary_sets_holds_every_pair_of_y_with_an_odd_sample():
    """In the paper (9, 4) would be in Y alone: the two differ in more than the last bit. The tool has it in W too."""
    pairs = np.array([[5, 6], [8, 4], [4, 4], [7, 7]], dtype=np.uint8)  # X, Y, Z, Z: a = 1, b = -2, c = 0
    assert primary_sets(pairs) == 0
    pairs[1] = 9, 4  # a = 1.5
    assert primary_sets(pairs) == 0
    both = np.vstack([pairs, [[9, 4]]]).astype(np.uint8)  # P = 5, X = 1, Y = W = 2, Z = 2: a = 2, b = -3, c = 1
    assert primary_sets(both) == 0.5


def test_primary_sets_leave_out_an_odd_last_column():
    channel = random_channel(1, (8, 9))
    assert primary_sets(channel) == primary_sets(channel[:, :8])


def test_sample_pairs_see_both_directions_alike():
    channel = random_channel(2, (8, 12))
    assert sample_pairs(channel) == sample_pairs(channel.T)


@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (8, 1), (64, 65), (65, 64), (65, 65)])
def test_sample_pairs_are_missing_for_odd_sides(shape):
    assert sample_pairs(np.zeros(shape, dtype=np.uint8)) is None


@pytest.mark.parametrize("height", [1, 8])
def test_primary_sets_without_a_pair_are_nan(height):
    assert math.isnan(primary_sets(np.zeros((height, 1), dtype=np.uint8)))


@pytest.mark.parametrize("level", [0, 127, 128, 255])
def test_flat_channels_hold_nothing(level):
    channel = np.full((16, 16), level, dtype=np.uint8)
    assert primary_sets(channel) == 0
    assert sample_pairs(channel) == 0


def test_without_equal_or_close_pairs_there_is_no_finite_root():
    rising = np.tile(np.arange(0, 32, 2, dtype=np.uint8), (4, 1))  # all pairs in X: b > 0
    falling = np.ascontiguousarray(rising[:, ::-1])  # all in Y, even: b < 0
    assert primary_sets(rising) == -math.inf
    assert math.isnan(primary_sets(falling))
    assert sample_pairs(rising + rising[:4, :4].T.repeat(4, axis=1)) == -math.inf
