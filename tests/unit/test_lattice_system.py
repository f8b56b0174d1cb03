"""A system on a lattice, untrained: sizes, strength, and what must not be mixed."""

import pytest
import torch
from support.lattice_networks import SIDE, lattice_networks

from miais.card import SystemCard
from miais.image import quantize
from miais.metrics import psnr
from miais.network_kinds import GENERATORS
from miais.networks.spec import NetworkSpec, build_network
from miais.system import StegoSystem, load


def make_card(multi=False):
    specs = lattice_networks(multi=multi)
    networks = {
        "generator": specs.generator,
        "classifier": specs.classifier,
        "secret_classifier": specs.secret_classifier,
    }
    if multi:
        networks["restorer"] = specs.restorer
    return SystemCard("lattice", "multi" if multi else "single", SIDE, 3, None, networks)


def make_system(multi=False):
    torch.manual_seed(0)
    return StegoSystem.build(make_card(multi))


def images(*shape, seed=0):
    return quantize(torch.rand(*shape, generator=torch.Generator().manual_seed(seed)))


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 200), (301, 77)])
def test_container_has_the_covers_size_and_is_on_the_grid_of_8_bits(multi, height, width):
    system, cover = make_system(multi), images(3, height, width)
    container = system.hide(images(3, 50, 40, seed=1), cover)
    assert container.shape == cover.shape
    assert torch.equal(container, quantize(container))
    assert psnr(container[None], cover[None]) > 38
    assert system.embed(container).shape == (1, 32)
    if multi:
        assert system.restore(container).shape == (3, SIDE, SIDE)


def test_saved_system_reads_what_the_first_has_hidden(tmp_path):
    system = make_system(multi=True)
    system.save(tmp_path / "system")
    container = system.hide(images(3, 32, 32, seed=1), images(3, 64, 64))
    again = load(tmp_path / "system")
    assert torch.equal(again.embed(container), system.embed(container))
    assert torch.equal(again.restore(container), system.restore(container))


def test_weaker_containers_are_closer_to_the_cover():
    system, secret, cover = make_system(), images(3, 32, 32, seed=1), images(3, 64, 64)
    closeness = [psnr(system.hide(secret, cover, strength=s)[None], cover[None]) for s in (0.25, 0.6, 1.0)]
    assert closeness[0] > closeness[1] > closeness[2]
    assert torch.equal(system.hide(secret, cover, strength=0.0), cover)


def test_strength_above_one_is_refused():
    with pytest.raises(ValueError, match=r"in \[0, 1\] on a lattice"):
        make_system().hide(images(3, 32, 32), images(3, 64, 64), strength=1.5)


def test_cover_that_is_too_small_is_refused_with_advice():
    with pytest.raises(ValueError, match="use a larger cover"):
        make_system().hide(images(3, 32, 32), images(3, 2, 4))


def test_networks_of_two_families_are_refused():
    system = make_system()
    other = build_network(NetworkSpec("residual", {"image_size": SIDE, "width": 8}), GENERATORS)
    with pytest.raises(ValueError, match="one family"):
        StegoSystem(make_card(), other, system.classifiers, system.secret_classifier)
