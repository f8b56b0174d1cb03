"""The attackers' networks: shapes, gradients, refusals."""

import pytest
import torch

from miais.experiments.privacy.networks import EmbeddingDecoder, Inverter


def mean(size):
    return torch.rand(3, size, size, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("container", "size"), [((64, 64), 32), ((64, 96), 48)])
def test_an_inverter_draws_secrets_of_the_systems_size(container, size):
    drawn = Inverter(mean(size), width=8)(torch.rand(2, 3, *container))
    assert drawn.shape == (2, 3, size, size)
    assert drawn.dtype == torch.float32
    assert 0 <= drawn.min() <= drawn.max() <= 1


@pytest.mark.parametrize("size", [32, 40, 112])
def test_a_decoder_draws_secrets_of_the_systems_size(size):
    drawn = EmbeddingDecoder(10, mean(size), width=8)(torch.nn.functional.normalize(torch.randn(2, 10)))
    assert drawn.shape == (2, 3, size, size)
    assert 0 <= drawn.min() <= drawn.max() <= 1


@pytest.mark.parametrize(
    ("network", "seen"),
    [
        (Inverter(mean(32), width=8), torch.rand(2, 3, 64, 64)),
        (EmbeddingDecoder(10, mean(32), width=8), torch.randn(2, 10)),
    ],
)
def test_every_parameter_gets_a_gradient(network, seen):
    network(seen).square().sum().backward()
    assert [name for name, parameter in network.named_parameters() if not parameter.grad.abs().sum() > 0] == []


@pytest.mark.parametrize("shape", [(2, 3, 64, 48), (3, 64, 64)])
def test_containers_of_other_sizes_are_refused(shape):
    with pytest.raises(ValueError, match="multiples of 32"):
        Inverter(mean(32), width=8)(torch.rand(*shape))


@pytest.mark.parametrize(
    ("build", "seen"),
    [
        (Inverter, torch.rand(2, 3, 64, 64)),
        (lambda usual, width: EmbeddingDecoder(10, usual, width=width), torch.rand(2, 10)),
    ],
)
def test_an_untrained_attacker_draws_the_mean_face(build, seen):
    drawn = build(mean(32), width=8)(seen)
    assert (drawn - mean(32)).abs().max() < 0.02
