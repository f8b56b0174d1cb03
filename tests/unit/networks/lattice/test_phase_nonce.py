import hashlib

import pytest
import torch

from miais.distortions.named import DISTORTIONS
from miais.image import quantize, resize
from miais.networks.lattice.channel import LatticeChannel
from miais.networks.lattice.phase_nonce import PhaseNonce
from miais.networks.lattice.spectrum_carrier import SpectrumCarrier

KEY = bytes(range(32))
STEP = 58.0
SAMPLES = 72
NONCE = PhaseNonce(KEY, STEP)
CARRIER = SpectrumCarrier(STEP)


def covers(count, side=96):
    random = torch.Generator().manual_seed(7)
    return quantize(0.1 + 0.8 * resize(torch.rand(count, 3, 12, 12, generator=random), (side, side)))


def messages(count, symbols=40):
    return (torch.rand(count, symbols, generator=torch.Generator().manual_seed(8)) - 0.5) * 0.5


def keys_after_writing(images, message, nonce=NONCE):
    return nonce.keys([nonce.write(CARRIER.samples(images), message, images)])


@pytest.mark.parametrize("count", [144, 145, 820, 5000])
def test_message_has_all_samples_but_those_of_the_nonce(count):
    positions = NONCE.beside(torch.arange(NONCE.room(count)), count)
    assert positions.unique().numel() == len(positions) == count - SAMPLES
    assert 0 <= positions.min() <= positions.max() < count
    before = torch.linspace(-200, 200, count)[None]
    moved = (NONCE.write(before, messages(1), covers(1)) - before)[0].nonzero().flatten()
    assert len(moved) > 0.9 * SAMPLES
    assert not set(moved.tolist()) & set(positions.tolist())
    assert (NONCE.write(before, messages(1), covers(1)) - before).abs().max() <= STEP / 2 + 1e-3


def test_places_and_keys_are_the_same_for_ever():
    """Containers must be readable by later versions: these digests never change."""
    positions = NONCE.beside(torch.arange(748), 820)
    assert hashlib.sha256(positions.numpy().tobytes()).hexdigest()[:16] == "2c24bd1f569fa0f0"
    samples = torch.arange(820.0)[None] * 7.3
    assert NONCE.keys([samples])[0].hex()[:16] == "6217511220d7a3bb"
    written = NONCE.write(samples, torch.zeros(1, 4), torch.zeros(1, 3, 8, 8))
    assert NONCE.keys([written])[0].hex()[:16] == "030fbe5cfca1d3b8"


def test_the_key_depends_on_the_channels_key_message_and_cover_alone():
    images, message = covers(6), messages(6)
    keys = keys_after_writing(images, message)
    assert len(set(keys)) == 6
    assert keys == keys_after_writing(images, message + 1e-7)
    for others in (
        keys_after_writing(images.flip(0), message),
        keys_after_writing(images, -message),
        keys_after_writing(images, message, PhaseNonce(bytes(32), STEP)),
    ):
        assert not set(keys) & set(others)


@pytest.mark.parametrize("name", ["jpeg75", "jpeg50", "resize0.5", "blur1", "noise2"])
def test_keys_arrive_after_the_road(name):
    """Bits that are wrong cost the whole message, so they must be the last to give way."""
    images, message = covers(16, side=256), messages(16, symbols=128)
    channel = LatticeChannel(carrier="spectrum", step=STEP, repeats=8, key=KEY.hex())
    written = quantize(channel.write(message, images))
    sent = channel.nonce.keys(channel.carrier.versions(written))
    random = torch.Generator().manual_seed(1)
    arrived = torch.stack([DISTORTIONS[name](*pair, random) for pair in zip(written, images, strict=True)])
    assert not torch.equal(arrived, written)
    assert channel.nonce.keys(channel.carrier.versions(arrived)) == sent


def test_gradients_of_the_message_pass_beside_the_nonce():
    channel = LatticeChannel(carrier="spectrum", step=STEP, repeats=8, key=KEY.hex())
    message = messages(2).requires_grad_()
    waves = channel.read(channel.write(message, covers(2)), 40)
    (gradient,) = torch.autograd.grad(waves[..., 1].sum(), message)
    torch.testing.assert_close(gradient, 2 * torch.pi * waves[..., 0].detach(), atol=1e-2, rtol=1e-2)


def test_many_containers_do_not_show_where_the_message_is():
    """Those of the nonce they do show: there phases stand half a cycle apart."""
    channel = LatticeChannel(carrier="spectrum", step=STEP, repeats=8, key=KEY.hex())
    images = quantize(0.2 + 0.6 * torch.rand(200, 3, 64, 64, generator=torch.Generator().manual_seed(2)))
    written = quantize(channel.write(torch.zeros(200, 40), images))
    samples = channel.carrier.samples(written)
    places = channel.nonce.beside(torch.arange(channel.nonce.room(samples.shape[1])), samples.shape[1])

    def pile(angles):
        return torch.stack([angles.cos().mean(dim=0), angles.sin().mean(dim=0)]).norm(dim=0)

    angles = samples * (2 * torch.pi / STEP)
    for alike in (pile(angles), pile(2 * angles)):
        assert alike[places].max() < 0.3  # the largest of 748 means of 200 random directions is 0.18
    assert (pile(2 * angles) > 0.9).sum() == SAMPLES
    assert channel.read(written, 40).norm(dim=-1).mean() > 0.75


def test_too_few_frequencies_are_refused():
    with pytest.raises(ValueError, match="144 frequencies"):
        NONCE.room(143)
