import pytest
import torch
from support.invertible_networks import ARGUMENTS, SIDE, shake

from miais.networks.invertible.generator import GREY, InvertibleGenerator
from miais.networks.invertible.haar import haar, inverse_haar
from miais.networks.invertible.restorer import InvertibleRestorer
from miais.networks.residual import ResidualGenerator


def make_pair():
    """A generator, and a restorer that shares its weights."""
    torch.manual_seed(0)
    generator, restorer = shake(InvertibleGenerator(**ARGUMENTS)), InvertibleRestorer(**ARGUMENTS)
    restorer.share(generator)
    return generator, restorer


def pictures(side=SIDE, batch=2):
    return torch.rand(batch, 3, side, side, generator=torch.Generator().manual_seed(2))


def test_restored_has_the_containers_shape_and_range():
    with torch.no_grad():
        restored = shake(InvertibleRestorer(**ARGUMENTS), 0.5)(pictures())
    assert restored.shape == (2, 3, SIDE, SIDE)
    assert restored.min() >= 0
    assert restored.max() <= 1


def test_a_fresh_restorer_guesses_grey_where_gradients_flow():
    restorer, container = InvertibleRestorer(**ARGUMENTS), pictures()
    restored = restorer(container)
    torch.testing.assert_close(restored, torch.full_like(restored, GREY))
    restored.sum().backward()
    assert restorer.blocks.blocks[-1].eta.convolutions[-1].weight.grad.any()


def test_shared_weights_are_one_and_the_same():
    generator, restorer = make_pair()
    assert restorer.blocks is generator.blocks
    assert all(one is other for one, other in zip(generator.parameters(), restorer.parameters(), strict=True))
    with torch.no_grad():
        before = restorer(pictures())
        generator.blocks.blocks[0].eta.convolutions[0].weight.mul_(2)
        assert not torch.equal(restorer(pictures()), before)


def test_restoring_is_hiding_backwards_with_nothing_for_what_was_lost():
    generator, restorer = make_pair()
    container = pictures()
    bands = haar(container - GREY)
    _, secret = generator.blocks.inverse(bands, torch.zeros_like(bands))
    torch.testing.assert_close(restorer(container), (inverse_haar(secret) + GREY).clamp(0, 1))


def test_a_container_always_gives_the_same_picture():
    _, restorer = make_pair()
    assert torch.equal(restorer(pictures()), restorer(pictures()))


def test_both_have_the_same_tensors_to_save():
    generator, restorer = make_pair()
    assert generator.state_dict().keys() == restorer.state_dict().keys()


def test_another_kind_of_generator_is_refused():
    with pytest.raises(ValueError, match=r"invertible generator.*got a ResidualGenerator"):
        InvertibleRestorer(**ARGUMENTS).share(ResidualGenerator(SIDE, width=8))


@pytest.mark.parametrize("other", [{"image_size": 64}, {"blocks": 3}, {"growth": 8}])
def test_a_generator_of_other_sizes_is_refused(other):
    with pytest.raises(ValueError, match=r"blocks and growth, \(32, 2, 4\), got \("):
        InvertibleRestorer(**ARGUMENTS).share(InvertibleGenerator(**{**ARGUMENTS, **other}))


def test_an_odd_size_is_refused():
    with pytest.raises(ValueError, match="even image_size, got 7"):
        InvertibleRestorer(7)


def test_containers_of_another_size_are_named():
    with pytest.raises(ValueError, match=r"32x32 px, got \(2, 3, 48, 48\)"):
        make_pair()[1](pictures(48))
