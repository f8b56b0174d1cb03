import hashlib
import math

import numpy as np

from miais.obfuscation.logistic_map import logistic_digits


def test_orbits_are_those_of_python_floats_and_the_same_for_ever():
    starts = np.array([0.3, 0.7123, 0.5])
    digits = np.stack(list(logistic_digits(starts, skip=50, count=400)))
    for column, z in enumerate(starts.tolist()):
        for _ in range(50):
            z = 3.99 * z * (1.0 - z)
        for row in range(400):
            z = 3.99 * z * (1.0 - z)
            assert digits[row, column] == math.floor(z * 1e14)
    digest = hashlib.sha256(digits.astype("<i8").tobytes()).hexdigest()
    assert digest == "bbd43d8c69b953aa83c3a635a80abf6d5fa008cc118e0905b868462cecd394f2"
