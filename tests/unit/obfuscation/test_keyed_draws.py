import hashlib

import numpy as np
import pytest

from miais.obfuscation import image_key
from miais.obfuscation.keyed_draws import (
    keyed_bits,
    keyed_bytes,
    keyed_choices,
    keyed_fractions,
    keyed_integers,
    keyed_permutations,
)

KEY = bytes(range(32))
DRAWS = [
    lambda key, purpose, count: keyed_bytes(key, purpose, count),
    lambda key, purpose, count: keyed_bits(key, purpose, count),
    lambda key, purpose, count: keyed_choices(key, purpose, 0.3, count),
    lambda key, purpose, count: keyed_integers(key, purpose, 6, count),
    lambda key, purpose, count: keyed_fractions(key, purpose, count),
    lambda key, purpose, count: keyed_permutations(key, purpose, 5, count),
]


@pytest.mark.parametrize("draw", DRAWS)
def test_fewer_are_the_first_of_more_and_key_and_purpose_matter(draw):
    many = draw(KEY, "test", 200)
    assert len(many) == 200
    np.testing.assert_array_equal(draw(KEY, "test", 77), many[:77])
    for other in (draw(KEY, "another", 200), draw(bytes(32), "test", 200)):
        assert np.mean(other == many) < 0.8


def test_bytes_are_those_of_shake_256():
    stream = hashlib.shake_256(b"miais obfuscation\0" + KEY + b"test").digest(16)
    assert keyed_bytes(KEY, "test", 16).tobytes() == stream
    assert keyed_bits(KEY, "test", 11).tolist() == [stream[i // 8] >> i % 8 & 1 for i in range(11)]
    words = [int.from_bytes(stream[4 * i : 4 * i + 4], "little") for i in range(4)]
    assert keyed_integers(KEY, "test", 1000, 4).tolist() == [word * 1000 >> 32 for word in words]
    assert keyed_choices(KEY, "test", 0.5, 4).tolist() == [word < 2**31 for word in words]
    long_words = [int.from_bytes(stream[:8], "little"), int.from_bytes(stream[8:], "little")]
    assert keyed_fractions(KEY, "test", 2).tolist() == [(word >> 11) / 2**53 for word in long_words]
    assert keyed_permutations(KEY, "test", 2, 1).tolist() == [[0, 1] if long_words[0] <= long_words[1] else [1, 0]]


def test_integers_permutations_and_shares_are_uniform():
    counts = np.bincount(keyed_integers(KEY, "dice", 6, 60_000), minlength=6)
    assert np.abs(counts - 10_000).max() < 5 * 91  # standard deviations of a binomial
    orders = keyed_permutations(KEY, "orders", 3, 60_000)
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.broadcast_to(np.arange(3), orders.shape))
    assert np.abs(np.bincount(orders @ [9, 3, 1], minlength=22)[[5, 7, 11, 15, 19, 21]] - 10_000).max() < 5 * 91
    assert abs(keyed_choices(KEY, "some", 0.2, 50_000).mean() - 0.2) < 0.01
    assert not keyed_choices(KEY, "none", 0.0, 1000).any()
    assert keyed_choices(KEY, "all", 1.0, 1000).all()


def test_key_of_a_picture_is_another_key():
    keys = [image_key(KEY, "a"), image_key(KEY, "b"), image_key(bytes(32), "a"), KEY]
    assert len(set(keys)) == 4
    assert {len(key) for key in keys} == {32}
    assert image_key(KEY, "a") == keys[0]


def test_what_is_no_key_is_refused():
    with pytest.raises(ValueError, match="32 bytes, got 5"):
        image_key(b"short", "a")
    with pytest.raises(TypeError, match="32 bytes, got str"):
        image_key("0" * 32, "a")
