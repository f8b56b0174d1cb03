"""The chi-square attack against one test after the other, with SciPy's distribution."""

import numpy as np
import pytest
from scipy.special import gammainc
from scipy.stats import chi2

from miais.steganalysis.stegexpose import chi_square, chi_square_p_values
from miais.steganalysis.stegexpose.chi_square_tail import chi_square_tail


def naive_p_values(pixels: np.ndarray) -> list[float]:
    samples = pixels.ravel()
    counts, p_values = np.ones(256, dtype=np.int64), []
    for block in range(len(samples) // 1024 - 1):
        counts += np.bincount(samples[1024 * block : 1024 * (block + 1)], minlength=256)
        observed = counts[::2].tolist()
        expected = [(even + odd) // 2 for even, odd in counts.reshape(128, 2).tolist()]
        difference = abs(sum(expected) - sum(observed))
        ratio = sum(observed) / sum(expected) if difference > 1e-5 else 1.0
        statistic = 0.0
        for o, e in zip(observed, expected, strict=True):
            statistic += (o - ratio * e) ** 2 / (ratio * e)
        p_values.append(1 - gammainc(63.5, statistic / 2))
    return p_values


def natural(height: int, width: int) -> np.ndarray:
    """A slope with noise and only every third level used often, so that the pairs of values differ."""
    rng = np.random.default_rng(5)
    slope = np.add.outer(np.arange(height), np.arange(width)) / 5 + 40
    levels = np.round(slope[..., None] + rng.normal(0, 4, (height, width, 3)))
    return (levels // 3 * 3).clip(0, 255).astype(np.uint8)


def full_of_bits(pixels: np.ndarray) -> np.ndarray:
    return (pixels & 0xFE) | np.random.default_rng(6).integers(0, 2, pixels.shape, dtype=np.uint8)


@pytest.mark.parametrize("shape", [(300, 300), (297, 299), (430, 430)])
@pytest.mark.parametrize("treat", [lambda pixels: pixels, full_of_bits], ids=["clean", "stego"])
def test_agrees_with_single_tests(shape, treat):
    pixels = treat(natural(*shape))
    expected = naive_p_values(pixels)
    np.testing.assert_allclose(chi_square_p_values(pixels), expected, rtol=0, atol=1e-12)
    assert chi_square(pixels) == pytest.approx(np.mean(expected), abs=1e-12)


def test_tells_a_full_message_from_none():
    assert chi_square(natural(300, 300)) < 0.1
    assert chi_square(full_of_bits(natural(300, 300))) > 0.9


@pytest.mark.parametrize(("level", "expected"), [(128, 0.99999957), (127, 0.0), (0, 0.99999957), (255, 0.0)])
def test_flat_pictures_differ_by_the_parity_of_their_level(level, expected):
    assert chi_square(np.full((300, 300, 3), level, dtype=np.uint8)) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("shape", "blocks"), [((297, 297), 257), ((1, 87723), 256), ((87723, 1), 256)])
def test_smallest_sizes(shape, blocks):
    assert chi_square_p_values(np.zeros((*shape, 3), dtype=np.uint8)).shape == (blocks,)


@pytest.mark.parametrize("shape", [(1, 1), (256, 256), (296, 296), (1, 87722)])
def test_missing_below(shape):
    pixels = np.zeros((*shape, 3), dtype=np.uint8)
    assert chi_square_p_values(pixels) is None
    assert chi_square(pixels) is None


def test_the_last_block_is_not_used():
    pixels = np.full((300, 300, 3), 128, dtype=np.uint8)
    other = pixels.copy()
    other.reshape(-1)[262 * 1024 :] = 7
    assert chi_square(other) == chi_square(pixels)
    other.reshape(-1)[261 * 1024 :] = 7
    assert chi_square(other) < chi_square(pixels) - 0.003


@pytest.mark.parametrize("degrees", [1, 3, 5, 127, 255])
def test_tail_agrees_with_scipy(degrees):
    statistic = np.concatenate([[0], np.logspace(-8, 9, 500), np.linspace(0, 4 * degrees + 20, 500)])
    np.testing.assert_allclose(chi_square_tail(statistic, degrees), chi2.sf(statistic, degrees), rtol=0, atol=1e-14)


@pytest.mark.parametrize("degrees", [0, 2, -1, 128])
def test_tail_refuses_even_degrees(degrees):
    with pytest.raises(ValueError, match="expected odd degrees of freedom"):
        chi_square_tail(np.zeros(1), degrees)
