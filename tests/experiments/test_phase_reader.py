"""The linear attacker: where places are shared it reads without the key, and where they are not it reads nothing."""

import pytest
import torch
import torch.nn.functional as F
from support.systems import tiny_system

from miais.experiments.privacy.phase_reader import PhaseReader, channel_of
from miais.image import to_uint8
from miais.networks.lattice.channel import LatticeChannel
from miais.system import load

KEY = "3c" * 32


class OnePlace:
    """No nonce at all: every container has the same places."""

    def room(self, samples):
        return samples

    def beside(self, numbers, samples):
        return numbers

    def write(self, samples, message, images):
        return samples

    def keys(self, versions):
        return [bytes(32)] * len(versions[0])


def pairs(channel, count, seed):
    """Containers with a code of random embeddings, each in a cover of its own."""
    random = torch.Generator().manual_seed(seed)
    embeddings = F.normalize(torch.randn(count, 16, generator=random))
    covers = F.interpolate(torch.rand(count, 3, 16, 16, generator=random), size=(64, 64), mode="bicubic").clamp(0, 1)
    return to_uint8(channel.write(embeddings / 2, covers)), embeddings


def likeness(channel):
    reader = PhaseReader(channel, *pairs(channel, 600, seed=1), lambda *told: None)
    assert reader.pairs == 600
    containers, embeddings = pairs(channel, 60, seed=2)
    return float((reader.embed(containers) * embeddings).sum(dim=1).mean())


@pytest.mark.parametrize("arguments", [{"carrier": "spectrum", "step": 64.0}, {"carrier": "pixels", "step": 4.0}])
def test_it_reads_nothing_where_each_container_has_places_of_its_own(arguments):
    assert abs(likeness(LatticeChannel(repeats=8, key=KEY, **arguments))) < 0.1


def test_it_reads_what_stands_in_the_same_places(monkeypatch):
    monkeypatch.setattr(LatticeChannel, "nonce", OnePlace())
    assert likeness(LatticeChannel(repeats=8, key=KEY, carrier="spectrum", step=64.0)) > 0.9


def test_few_pairs_are_refused():
    channel = LatticeChannel(repeats=4, key=KEY)
    with pytest.raises(ValueError, match="at least 10 pairs"):
        PhaseReader(channel, *pairs(channel, 9, seed=1), lambda *told: None)


def test_systems_without_a_lattice_have_no_channel(tmp_path):
    assert channel_of(load(tiny_system(tmp_path))) is None
