import hashlib

import pytest
import torch

from miais.image import quantize, resize
from miais.networks.lattice.alternatives import best_set, drawn_sets, place_sets
from miais.networks.lattice.channel import LatticeChannel

KEY = bytes(range(32))
SETS = 40


def covers(count, side=96):
    random = torch.Generator().manual_seed(7)
    return quantize(0.1 + 0.8 * resize(torch.rand(count, 3, 12, 12, generator=random), (side, side)))


def make_channel(alternatives=SETS, key=KEY):
    return LatticeChannel(carrier="spectrum", step=60.0, repeats=8, key=key.hex(), alternatives=alternatives)


def messages(count, symbols=40):
    return (torch.rand(count, symbols, generator=torch.Generator().manual_seed(8)) - 0.5) * 0.5


def test_sets_are_the_same_for_ever():
    """Containers must be readable by later versions: this digest never changes."""
    slots = place_sets(KEY, 694, 128, 8, 0, 3).slots
    assert slots.positions.shape == (3, 5, 128)
    digest = hashlib.sha256(slots.positions.numpy().tobytes() + slots.offsets.numpy().tobytes()).hexdigest()
    assert digest[:16] == "193fb003b1112685"


def test_containers_take_different_sets_and_all_are_read():
    channel, images, message = make_channel(), covers(24), messages(24)
    written = quantize(channel.write(message, images))
    drawn = drawn_sets(images, message, KEY, SETS)
    assert drawn.unique().numel() > 12
    samples = channel.carrier.samples(written)
    sets = place_sets(KEY, samples.shape[1], 40, 8, 0, SETS)
    agreement, found = best_set(samples, sets, 60.0)
    assert torch.equal(found, drawn)
    assert agreement.min() > 0.9
    assert best_set(channel.carrier.samples(images), sets, 60.0)[0].max() < 0.5  # nothing was written there
    waves = channel.read(written, 40)
    assert (torch.atan2(waves[..., 1], waves[..., 0]) / (2 * torch.pi) - message).abs().max() < 0.04


def test_the_draw_depends_on_key_message_and_cover_alone():
    images, message = covers(24), messages(24)
    drawn = drawn_sets(images, message, KEY, SETS)
    assert torch.equal(drawn, drawn_sets(images, message + 1e-7, KEY, SETS))
    for other in (
        drawn_sets(images.flip(0), message, KEY, SETS),
        drawn_sets(images, -message, KEY, SETS),
        drawn_sets(images, message, bytes(32), SETS),
    ):
        assert (other != drawn).sum() > 12


def test_gradients_pass_through_the_set_that_was_drawn():
    channel, images = make_channel(), covers(2)
    message = messages(2).requires_grad_()
    waves = channel.read(channel.write(message, images), 40)
    (gradient,) = torch.autograd.grad(waves[..., 1].sum(), message)
    torch.testing.assert_close(gradient, 2 * torch.pi * waves[..., 0].detach(), atol=1e-2, rtol=1e-2)


def test_pixels_have_a_nonce_instead():
    with pytest.raises(ValueError, match="1 set of places, or more with the carrier 'spectrum'"):
        LatticeChannel(carrier="pixels", repeats=4, key=KEY.hex(), alternatives=2)
    with pytest.raises(ValueError, match="got 0"):
        make_channel(alternatives=0)
