"""RS analysis against loops over single groups, and its equations against a literal transcription."""

import math
from dataclasses import astuple

import numpy as np
import pytest

from miais.steganalysis.stegexpose import RsCounts, count_rs_groups, rs_analysis, rs_groups, rs_message_length

SHAPES = [(2, 2), (2, 5), (5, 2), (3, 3), (7, 9), (8, 6)]


def random_channel(seed: int, shape: tuple[int, int]) -> np.ndarray:
    """A few neighbouring levels; for every second seed at 0 or 255, where the negative flip leaves the range."""
    rng = np.random.default_rng(seed)
    span = int(rng.integers(2, 8))
    lowest = (0, 256 - span, int(rng.integers(1, 200)), 77)[seed % 4]
    return (lowest + rng.integers(0, span, shape)).astype(np.uint8)


def positive(sample: int) -> int:
    return sample + 1 if sample % 2 == 0 else sample - 1


def negative(sample: int) -> int:
    return sample - 1 if sample % 2 == 0 else sample + 1


def variation(group: list[int]) -> int:
    g0, g1, g2, g3 = group
    return abs(g0 - g1) + abs(g3 - g2) + abs(g1 - g3) + abs(g2 - g0)


def naive_counts(channel: np.ndarray, step: int) -> list[int]:
    rows, counts = channel.tolist(), []
    for samples in (rows, [[positive(sample) for sample in row] for row in rows]):
        for flip in (positive, negative):
            regular = singular = 0
            for y in range(0, len(rows) - 1, step):
                for x in range(0, len(rows[0]) - 1, step):
                    group = [samples[y][x], samples[y][x + 1], samples[y + 1][x], samples[y + 1][x + 1]]
                    for mask in ((1, 0, 0, 1), (0, 1, 1, 0)):
                        flipped = [flip(sample) if m else sample for sample, m in zip(group, mask, strict=True)]
                        regular += variation(flipped) > variation(group)
                        singular += variation(flipped) < variation(group)
            counts += [regular, singular]
    return counts


def literal_message_length(counts: RsCounts) -> float:
    r, s, rn, sn, r1, s1, rn1, sn1 = (np.float64(count) for count in astuple(counts))
    with np.errstate(all="ignore"):
        linear = ((rn - r) / (r1 - r + rn - rn1) + (sn - s) / (s1 - s + sn - sn1)) / 2
        d0, e0, d1, e1 = r - s, rn - sn, r1 - s1, rn1 - sn1
        a, b, c = 2 * (d1 + d0), e0 - e1 - d1 - 3 * d0, d0 - e0
        x = linear
        if b**2 - 4 * a * c >= 0:
            root = np.sqrt(b**2 - 4 * a * c)
            plus, minus = (-b + root) / (2 * a), (-b - root) / (2 * a)
            x = plus if abs(plus) <= abs(minus) else minus
        if x == 0:
            rise_r = ((rn1 - r1 + r - rn) + (rn - r) / x) / (x - 1)
            rise_s = ((sn1 - s1 + s - sn) + (sn - s) / x) / (x - 1)
            if rise_s > 0 or rise_r < 0:
                x = linear
        return 0.0 if x - 0.5 == 0 else abs(x / (x - 0.5))


@pytest.mark.parametrize("shape", SHAPES)
def test_counts_agree_with_loops(shape):
    for seed in range(24):
        channel = random_channel(seed, shape)
        overlapping, separate = count_rs_groups(channel)
        assert list(astuple(overlapping)) == naive_counts(channel, 1)
        assert list(astuple(separate)) == naive_counts(channel, 2)


def test_counts_of_the_full_range():
    channel = np.random.default_rng(0).integers(0, 256, (12, 13), dtype=np.uint8)
    overlapping, separate = count_rs_groups(channel)
    assert list(astuple(overlapping)) == naive_counts(channel, 1)
    assert list(astuple(separate)) == naive_counts(channel, 2)


@pytest.mark.parametrize("shape", [(2, 40), (21, 20), (40, 3), (40, 40)])
@pytest.mark.parametrize("samples", [1, 60, 130])
def test_bands_join_without_a_seam(monkeypatch, shape, samples):
    channel = random_channel(7, shape)
    expected = count_rs_groups(channel)
    monkeypatch.setattr(rs_groups, "_BAND_SAMPLES", samples)
    assert count_rs_groups(channel) == expected


def test_counts_do_not_depend_on_which_way_the_picture_lies():
    channel = random_channel(6, (30, 20))
    assert count_rs_groups(channel.T) == count_rs_groups(channel)
    assert count_rs_groups(channel[::-1]) == count_rs_groups(channel)


def test_flipping_all_last_bits_exchanges_the_two_halves():
    channel = random_channel(5, (30, 20))
    for plain, flipped in zip(count_rs_groups(channel), count_rs_groups(channel ^ 1), strict=True):
        assert astuple(plain)[:4] == astuple(flipped)[4:]
        assert astuple(plain)[4:] == astuple(flipped)[:4]


def test_equations_agree_with_a_literal_transcription():
    """Small counts meet every branch: complex roots, zeros of either sign, no square term, divisions by zero."""
    rng = np.random.default_rng(1)
    draws = [RsCounts(*row) for high in (3, 6, 100) for row in rng.integers(0, high, (1500, 8)).tolist()]
    found = [rs_message_length(counts) for counts in draws]
    np.testing.assert_array_equal(found, [literal_message_length(counts) for counts in draws])
    assert any(math.isnan(value) for value in found)
    assert any(value > 1 for value in found)
    assert all(not value < 0 for value in found)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (RsCounts(60, 20, 60, 20, 50, 30, 70, 10), 0.0),  # the curves meet at no message
        (RsCounts(30, 0, 10, 0, 0, 20, 0, 10), 0.0),  # they meet at 1/2: the tool answers 0, not infinity
        (RsCounts(0, 0, 0, 0, 0, 0, 0, 0), math.nan),
        # A zero root although R and R' differ: the straight line instead, (10/20 + 10/20) / 2 = 1/2.
        (RsCounts(60, 20, 70, 30, 70, 30, 60, 20), 0.0),
        # The same with lines that meet at 1/3: |(1/3) / (1/3 - 1/2)| = 2.
        (RsCounts(60, 20, 70, 30, 75, 35, 55, 15), 2.0),
    ],
)
def test_known_message_lengths(counts, expected):
    assert rs_message_length(counts) == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (8, 1)])
def test_missing_where_no_group_fits(shape):
    channel = np.zeros(shape, dtype=np.uint8)
    assert count_rs_groups(channel) is None
    assert rs_analysis(channel) is None


@pytest.mark.parametrize("level", [0, 127, 128, 255])
def test_flat_channels_hold_nothing(level):
    assert rs_analysis(np.full((9, 16), level, dtype=np.uint8)) == (0.0, 0.0)


def test_a_checkerboard_of_extremes_has_no_answer():
    channel = (np.indices((16, 16)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert all(math.isnan(value) for value in rs_analysis(channel))
