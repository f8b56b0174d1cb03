"""Pictures that carry nothing are told from containers, and refused where people are decided about."""

import pytest
import torch
from support.systems import tiny_lattice, tiny_system

from miais.containers import NothingHiddenError, embed_containers, restore_container
from miais.image import quantize
from miais.networks.lattice.channel import LatticeChannel
from miais.system import EVIDENT, load

KEY = bytes(range(32))


def images(*shape, seed=0):
    return quantize(torch.rand(*shape, generator=torch.Generator().manual_seed(seed)))


@pytest.fixture(scope="module")
def lattice(tmp_path_factory):
    return tiny_lattice(tmp_path_factory.mktemp("systems") / "lattice")


@pytest.mark.parametrize(("carrier", "step"), [("pixels", 4.0), ("spectrum", 57.0)])
def test_what_was_written_stands_far_out_of_chance_and_nothing_else_does(carrier, step):
    """In pictures that carry nothing it has, over the keys, mean 0 and variance 1, whatever they show."""
    pictures = torch.stack([torch.zeros(3, 96, 96), torch.ones(3, 96, 96), *images(14, 3, 96, 96)])
    chance = []
    for number in range(20):
        channel = LatticeChannel(
            repeats=4, key=f"{number:064x}", carrier=carrier, step=4.0 if carrier == "pixels" else 57.0
        )
        chance.append(channel.evidence(pictures, 16))
        written = quantize(channel.write(images(16, 16, seed=number) - 0.5, pictures))
        assert channel.evidence(written, 16).min() > EVIDENT
    values = torch.cat(chance)
    assert values.max() < EVIDENT
    if carrier == "pixels":  # the other one takes the best of several readings
        assert values.mean().abs() < 4 / len(values) ** 0.5
        assert 0.85 < values.std() < 1.15


def test_a_single_place_for_each_symbol_says_nothing():
    channel = LatticeChannel(repeats=1, key="00" * 32)
    assert channel.evidence(images(2, 3, 32, 32), 16).isnan().all()


def test_containers_are_embedded_as_ever_and_other_pictures_refused(lattice):
    system, cover = load(lattice), images(3, 64, 64)
    container = system.hide(images(3, 32, 32, seed=1), cover)
    assert torch.equal(embed_containers(system, container), system.embed(container))
    with pytest.raises(NothingHiddenError, match=r"holiday\.png: expected a container that lattice can read"):
        embed_containers(system, cover, "holiday.png")
    with pytest.raises(NothingHiddenError):
        embed_containers(system, torch.stack([container, cover]))


def test_containers_of_another_key_are_refused(lattice):
    container = load(lattice).hide(images(3, 32, 32, seed=1), images(3, 64, 64))
    with pytest.raises(NothingHiddenError):
        embed_containers(load(lattice, key=KEY), container)


def test_systems_that_cannot_know_refuse_nothing(tmp_path):
    system, cover = load(tiny_system(tmp_path / "tiny")), images(3, 32, 32)
    assert system.evidence(cover).isnan().all()
    assert torch.equal(embed_containers(system, cover), system.embed(cover))


def test_only_what_a_system_has_hidden_is_restored(lattice):
    """Of any other picture it would make noise, and call that a face."""
    multi, cover = load("lfw-multi"), images(3, 128, 128)
    container = multi.hide(images(3, 112, 112, seed=1), cover)
    assert torch.equal(restore_container(multi, container), multi.restore(container))
    foreign = load("lfw-single").hide(images(3, 112, 112, seed=1), cover)
    for picture in (cover, foreign):
        with pytest.raises(NothingHiddenError, match="expected a container that lfw-multi can read"):
            restore_container(multi, picture)
    with pytest.raises(ValueError, match="single-task"):
        restore_container(load(lattice), cover)
