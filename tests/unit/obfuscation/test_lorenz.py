import hashlib
import math

import numpy as np

from miais.obfuscation.keyed_draws import keyed_fractions
from miais.obfuscation.lorenz import lorenz_bytes

KEY = bytes(range(32))


def velocity(x, y, z):
    return 10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z


def after_a_step(point):
    def ahead(share, slope):
        return tuple(p + share * s for p, s in zip(point, slope, strict=True))

    first = velocity(*point)
    second = velocity(*ahead(0.5 * 0.005, first))
    third = velocity(*ahead(0.5 * 0.005, second))
    fourth = velocity(*ahead(0.005, third))
    slopes = (a + 2.0 * b + 2.0 * c + d for a, b, c, d in zip(first, second, third, fourth, strict=True))
    return tuple(p + 0.005 / 6.0 * slope for p, slope in zip(point, slopes, strict=True))


def test_bytes_are_those_of_python_floats_are_uniform_and_the_same_for_ever():
    """Chaotic as it is, one operation in another order would show within the warm-up."""
    drawn = lorenz_bytes(KEY, "test", 20_000)
    path = 3
    start = keyed_fractions(KEY, "test start", 3 * 1024)[3 * path : 3 * path + 3].tolist()
    point = (20.0 * start[0] - 10.0, 20.0 * start[1] - 10.0, 30.0 * start[2] + 10.0)
    for _ in range(5000):
        point = after_a_step(point)
    for turn in range(3):
        for _ in range(20):
            point = after_a_step(point)
        assert drawn[1024 * turn + path] == math.floor(abs(point[0]) * 1e6) % 256
    counts = np.bincount(drawn, minlength=256)
    chi_square = ((counts - 20_000 / 256) ** 2 / (20_000 / 256)).sum()
    assert 255 - 5 * 22.6 < chi_square < 255 + 5 * 22.6  # 255 degrees of freedom: deviation sqrt(510)
    neighbours = np.corrcoef(drawn[:-1], drawn[1:])[0, 1], np.corrcoef(drawn[:-1024], drawn[1024:])[0, 1]
    assert max(map(abs, neighbours)) < 0.035
    digest = hashlib.sha256(drawn.tobytes()).hexdigest()
    assert digest == "69933c29fc0bdeb07f42312c3bed1fff1fff3f988f6060340d582ce940b2f4e4"
