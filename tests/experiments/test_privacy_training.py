"""An attacker learns where there is something to learn, within its budget."""

import pytest
import torch
from support.small_training import cpu_fabric
from torch import nn

from miais.experiments.privacy.networks import EmbeddingDecoder
from miais.experiments.privacy.training import Budget, reconstruct, train_attacker
from miais.image import from_uint8


def attack(network, inputs, secrets, **budget):
    return train_attacker(
        network, inputs, secrets, fabric=cpu_fabric(), budget=Budget(**budget), seed=0, report=lambda *told: None
    )


@pytest.fixture
def shades():
    """Flat pictures, and their grey levels as what the attacker sees."""
    levels = torch.randint(256, (60, 1, 1, 1), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return levels.expand(60, 3, 16, 16).contiguous(), from_uint8(levels).flatten(1) * 2 - 1


def test_a_decoder_learns_a_shade(shades):
    secrets, levels = shades
    torch.manual_seed(0)
    network = EmbeddingDecoder(1, torch.full((3, 16, 16), 0.5), width=8)
    training = attack(network, lambda numbers: levels[numbers], secrets, minutes=10, steps=60)
    assert training.steps == 60
    drawn = reconstruct(network, lambda numbers: levels[numbers], 60, fabric=cpu_fabric(), report=lambda *told: None)
    assert drawn.dtype == torch.uint8
    error = (drawn.float() - secrets.float()).abs().mean()
    assert error < 0.5 * (secrets.float() - secrets.float().mean()).abs().mean()


def test_time_ends_it(shades):
    secrets, levels = shades
    training = attack(
        EmbeddingDecoder(1, torch.full((3, 16, 16), 0.5), width=8),
        lambda numbers: levels[numbers],
        secrets,
        minutes=0.01,
    )
    assert training.steps >= 1
    assert 0.01 <= training.minutes < 0.5


def test_the_weights_that_were_best_on_held_out_pairs_are_kept(shades, monkeypatch):
    """An attacker with few pairs overfits to them: the last weights are not the best."""
    secrets, levels = shades
    network = nn.Sequential(nn.Linear(1, 3 * 256), nn.Sigmoid(), nn.Unflatten(1, (3, 16, 16)))
    kept = []

    def held_out_loss(network, *rest):
        kept.append(network[0].bias.detach().clone())
        return (3.0, 1.0, 2.0, 4.0, 5.0)[len(kept) - 1]

    monkeypatch.setattr("miais.experiments.privacy.training._held_out_loss", held_out_loss)
    training = attack(network, lambda numbers: levels[numbers], secrets, minutes=10, steps=10)
    assert training.held_out_loss == 1.0
    assert torch.equal(network[0].bias, kept[1])
    assert not torch.equal(network[0].bias, kept[4])


def test_one_pair_is_too_few(shades):
    secrets, levels = shades
    with pytest.raises(ValueError, match="at least 2 pairs"):
        attack(
            EmbeddingDecoder(1, torch.full((3, 16, 16), 0.5), width=8),
            lambda numbers: levels[numbers],
            secrets[:1],
            steps=1,
        )


@pytest.mark.parametrize("budget", [{"minutes": 0}, {"minutes": -1.0}, {"steps": 0}])
def test_a_budget_is_positive(budget):
    with pytest.raises(ValueError, match="positive"):
        Budget(**budget)
