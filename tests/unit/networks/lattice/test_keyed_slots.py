import hashlib

import pytest
import torch

from miais.networks.lattice.keyed_slots import keyed_slots

KEY = bytes(range(32))


@pytest.mark.parametrize(("samples", "symbols", "repeats"), [(12, 4, 3), (1000, 7, 5), (12288, 256, 48), (65536, 9, 1)])
def test_no_sample_is_used_twice(samples, symbols, repeats):
    slots = keyed_slots(KEY, samples, symbols, repeats)
    assert slots.positions.shape == slots.offsets.shape == (repeats, symbols)
    assert slots.positions.unique().numel() == repeats * symbols
    assert slots.positions.min() >= 0
    assert slots.positions.max() < samples


def test_fewer_repeats_where_there_are_not_enough_samples():
    assert keyed_slots(KEY, 100, 30, 8).positions.shape == (3, 30)


def test_messages_under_one_key_do_not_meet():
    first, second = keyed_slots(KEY, 500, 50, 4), keyed_slots(KEY, 500, 30, 10, skip=200)
    assert not set(first.positions.flatten().tolist()) & set(second.positions.flatten().tolist())
    assert not torch.equal(first.offsets[0, :30], second.offsets[0])


def test_places_spread_over_all_samples_and_offsets_over_the_cycle():
    slots = keyed_slots(KEY, 200_000, 500, 20)
    thirds = torch.histc(slots.positions.double(), 10, 0, 200_000)
    assert (thirds - 1000).abs().max() < 150  # 5 standard deviations of a binomial
    assert (torch.histc(slots.offsets, 8, 0, 1) - 1250).abs().max() < 170


def test_another_key_gives_other_places_and_offsets():
    ours, theirs = keyed_slots(KEY, 10_000, 100, 10), keyed_slots(bytes(32), 10_000, 100, 10)
    assert (ours.positions == theirs.positions).float().mean() < 0.01
    assert (ours.offsets == theirs.offsets).float().mean() < 0.02


def test_draw_is_the_same_for_ever():
    """Containers must be readable by later versions: this digest never changes."""
    slots = keyed_slots(KEY, 196_608, 256, 16)
    numbers = slots.positions.numpy().astype("<i8").tobytes() + (slots.offsets * 256).numpy().astype("<i2").tobytes()
    assert hashlib.sha256(numbers).hexdigest() == "5bd338bb838729a342484d0ad5a947f33fb61878f4c849261d2695c21393d844"


@pytest.mark.parametrize(
    ("key", "samples", "symbols", "repeats", "skip", "message"),
    [
        (b"short", 10, 2, 2, 0, "32 bytes"),
        (KEY, 10, 11, 1, 0, "larger cover"),
        (KEY, 10, 5, 1, 6, "larger cover"),
        (KEY, 0, 1, 1, 0, "at least 1 sample"),
        (KEY, 10, 0, 1, 0, "at least 1 sample"),
        (KEY, 10, 1, 0, 0, "at least 1 sample"),
        (KEY, 10, 1, 1, -1, "skip"),
    ],
)
def test_wrong_arguments_are_refused(key, samples, symbols, repeats, skip, message):
    with pytest.raises(ValueError, match=message):
        keyed_slots(key, samples, symbols, repeats, skip)
