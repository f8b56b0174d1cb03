"""A system whose restorer runs the generator's weights: built, moved, saved and loaded, they stay one set."""

from dataclasses import replace

import pytest
import torch
from support.invertible_networks import SIDE, SPEC, shake

from miais.card import SystemCard
from miais.image import quantize
from miais.networks.spec import NetworkSpec
from miais.system import StegoSystem, load

CLASSIFIER = NetworkSpec("residue", {"image_size": SIDE, "width": 8, "embedding_dim": 16})


def make_card():
    networks = {"generator": SPEC, "classifier": CLASSIFIER, "secret_classifier": CLASSIFIER, "restorer": SPEC}
    return SystemCard("invertible", "multi", SIDE, 3, 30.0, networks)


def make_system():
    torch.manual_seed(0)
    system = StegoSystem.build(make_card())
    shake(system.generator)
    return system


def images(*shape, seed=0):
    return quantize(torch.rand(*shape, generator=torch.Generator().manual_seed(seed)))


def test_built_networks_share_their_weights():
    system = make_system().to("cpu")
    assert system.restorer.blocks is system.generator.blocks
    assert not any(parameter.requires_grad for parameter in system.restorer.parameters())


def test_container_of_any_size_keeps_the_budget_and_is_restored_at_the_systems_size():
    system, cover = make_system(), images(3, 70, 90)
    container = system.hide(images(3, 50, 40, seed=1), cover)
    assert container.shape == cover.shape
    assert 0 < (container - cover).square().mean() < 10**-2.95
    assert system.restore(container).shape == (3, SIDE, SIDE)
    assert system.embed(container).shape == (1, 32)


def test_saved_system_hides_and_restores_the_same_to_the_last_bit(tmp_path):
    system, secret, cover = make_system(), images(3, SIDE, SIDE, seed=1), images(3, 64, 64)
    card = system.save(tmp_path / "system")
    assert {"generator.safetensors", "restorer.safetensors"} < set(card.files)
    again = load(tmp_path / "system")
    container = system.hide(secret, cover)
    assert torch.equal(again.hide(secret, cover), container)
    assert torch.equal(again.restore(container), system.restore(container))
    assert again.restorer.blocks is again.generator.blocks
    assert again.save(tmp_path / "copy").system_hash == card.system_hash


def test_generator_and_restorer_that_cannot_share_are_refused():
    card = make_card()
    other = NetworkSpec("invertible", {**SPEC.arguments, "blocks": 3})
    with pytest.raises(ValueError, match="give both the same arguments"):
        StegoSystem.build(replace(card, networks={**card.networks, "restorer": other}))
    residual = NetworkSpec("residual", {"image_size": SIDE, "width": 8})
    with pytest.raises(ValueError, match="choose both of one kind"):
        StegoSystem.build(replace(card, networks={**card.networks, "generator": residual}))
