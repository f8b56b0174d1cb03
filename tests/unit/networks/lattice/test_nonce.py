import hashlib

import pytest
import torch

from miais.image import quantize
from miais.networks.lattice.channel import LatticeChannel
from miais.networks.lattice.nonce import NONCE_SAMPLES, LastBits

KEY = bytes(range(32))
NONCE = LastBits(KEY)


def samples(batch=3, count=1000, seed=3):
    return torch.randint(256, (batch, count), generator=torch.Generator().manual_seed(seed)).float()


def salted(cover, text):
    """These bits do not depend on the pictures as a whole."""
    return NONCE.write(cover, text, images=torch.empty(0))


def message(batch=3):
    return torch.linspace(-0.2, 0.2, 8).repeat(batch, 1)


@pytest.mark.parametrize("count", [256, 257, 383, 384, 1000, 196_608])
def test_message_has_all_samples_but_those_of_the_nonce(count):
    positions = NONCE.beside(torch.arange(NONCE.room(count)), count)
    assert positions.unique().numel() == len(positions) == count - NONCE_SAMPLES
    assert positions.min() >= 0
    assert positions.max() < count
    before = samples(1, count)
    moved = (salted(before, message(1)) - before)[0].nonzero().flatten()
    assert 0.3 * NONCE_SAMPLES < len(moved) < 0.7 * NONCE_SAMPLES  # every other last bit is right as it is
    assert not set(moved.tolist()) & set(positions.tolist())


def test_only_last_bits_change():
    before = samples()
    after = salted(before, message())
    assert torch.equal((before / 2).floor(), (after / 2).floor())


def test_every_container_has_its_own_key_and_keeps_it():
    containers = salted(samples(), message())
    keys = NONCE.keys([containers])
    assert len(set(keys)) == 3
    assert keys == NONCE.keys([containers])
    assert not set(keys) & set(LastBits(bytes(32)).keys([containers]))


def test_another_message_in_the_same_cover_gives_another_key_and_the_same_message_the_same():
    cover = samples(1)
    first, again, other = (NONCE.keys([salted(cover, text)]) for text in (message(1), message(1), -message(1)))
    assert first == again != other


def test_keys_are_the_same_for_ever():
    """Containers must be readable by later versions: these digests never change."""
    count = torch.arange(1000).remainder(256)[None].float()
    assert hashlib.sha256(NONCE.keys([count])[0]).hexdigest()[:16] == "49580adfe69700f8"
    bits = salted(count, torch.zeros(1, 4))[0, ::7][:NONCE_SAMPLES].remainder(2).to(torch.uint8)
    assert hashlib.sha256(bits.numpy().tobytes()).hexdigest()[:16] == "56589d3cf45b2a76"


def test_many_containers_do_not_show_where_the_message_is():
    """With places common to all, the phase of a place is the same in all containers of one message."""
    channel = LatticeChannel(repeats=8, key=KEY.hex(), step=4.0)
    covers = quantize(torch.rand(200, 3, 12, 16, generator=torch.Generator().manual_seed(1)))
    written = channel.write(torch.zeros(200, 48), covers)
    angles = written.flatten(1) * 255 / 4 * 2 * torch.pi
    alike = torch.stack([angles.cos().mean(dim=0), angles.sin().mean(dim=0)]).norm(dim=0)
    assert alike.max() < 0.3  # the largest of 576 means of 200 random directions is 0.18
    assert channel.read(written, 48).norm(dim=-1).mean() > 0.75


def test_picture_too_small_is_refused():
    with pytest.raises(ValueError, match="256 are the least; use a larger cover"):
        NONCE.room(255)
