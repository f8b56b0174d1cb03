import pytest
import torch

from miais.steganalysis.lsb import match_last_bits, replace_last_bits


def random(seed=0):
    return torch.Generator().manual_seed(seed)


def covers(count=200_000):
    return torch.randint(256, (count,), generator=random(5)).byte()


@pytest.mark.parametrize("embed", [replace_last_bits, match_last_bits])
@pytest.mark.parametrize("rate", [0.0, 0.4, 1.0])
def test_half_of_the_used_values_change_by_one(embed, rate):
    cover = covers()
    difference = embed(cover, rate, random()).short() - cover.short()
    assert difference.abs().max() <= 1
    assert float((difference != 0).float().mean()) == pytest.approx(rate / 2, abs=0.005)


def test_replacement_never_leaves_the_pair_of_values_and_matching_does():
    """2 and 3 trade places under replacement, and 3 never becomes 4: what StegExpose lives on."""
    cover = covers()
    assert torch.equal(replace_last_bits(cover, 1.0, random()) // 2, cover // 2)
    matched = match_last_bits(cover, 1.0, random())
    assert float((matched // 2 != cover // 2).float().mean()) == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("level", [0, 255])
def test_matching_stays_within_a_byte(level):
    cover = torch.full((1000,), level, dtype=torch.uint8)
    changed = match_last_bits(cover, 1.0, random())
    assert set(changed.tolist()) == {level, abs(level - 1)}


def test_message_is_the_generators():
    cover = covers(1000)
    first, again, other = (replace_last_bits(cover, 1.0, random(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_what_are_no_bytes_is_refused():
    with pytest.raises(ValueError, match="expected bytes"):
        replace_last_bits(torch.rand(3), 1.0, random())
    with pytest.raises(ValueError, match="rate"):
        match_last_bits(covers(3), 1.5, random())
