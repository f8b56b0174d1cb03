import pytest
import torch
from support.invertible_networks import shake

from miais.networks.invertible.generator import InvertibleGenerator
from miais.networks.invertible.haar import haar, inverse_haar


def make_generator(side=32, **arguments):
    torch.manual_seed(0)
    return shake(InvertibleGenerator(side, **{"blocks": 2, "growth": 4, **arguments}))


def make_pair(side=32, batch=2):
    """A secret and a cover."""
    return torch.rand(2, batch, 3, side, side, generator=torch.Generator().manual_seed(1)).unbind()


@pytest.mark.parametrize("side", [2, 32, 50, 112])
def test_container_has_the_covers_shape_and_range(side):
    secret, cover = make_pair(side, batch=1)
    with torch.no_grad():
        container = make_generator(side)(secret, cover)
    assert container.shape == (1, 3, side, side)
    assert container.min() >= 0
    assert container.max() <= 1
    assert (container - cover).abs().max() > 1e-4


@pytest.mark.parametrize("autocast", [False, True])
def test_container_of_a_fresh_generator_is_the_cover(autocast):
    secret, cover = make_pair()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        container = InvertibleGenerator(32, blocks=2, growth=4)(secret, cover)
    assert container.dtype == torch.float32
    assert (container - cover).abs().max() < 1e-6


def test_one_fresh_block_leaves_the_covers_branch_plus_phi_of_the_secret():
    generator = InvertibleGenerator(32, blocks=1, growth=4)
    shake(generator.blocks.blocks[0].phi, 0.02)
    secret, cover = make_pair()
    cover = 0.3 + 0.4 * cover
    expected = cover + inverse_haar(generator.blocks.blocks[0].phi(haar(secret - 0.5)))
    torch.testing.assert_close(generator(secret, cover), expected.clamp(0, 1), rtol=0, atol=1e-6)


def test_each_container_depends_on_its_own_pair_alone_also_in_training():
    generator = make_generator().train()
    secret, cover = make_pair(batch=3)
    with torch.no_grad():
        containers = generator(secret, cover)
        singles = torch.cat([generator(secret[i : i + 1], cover[i : i + 1]) for i in range(3)])
        others = generator(secret.flip(0), cover)
    torch.testing.assert_close(containers, singles, rtol=0, atol=1e-6)
    assert (containers - others).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": 33}, "even image_size, got 33"),
        ({"image_size": 0}, "even image_size, got 0"),
        ({"blocks": 0}, "at least 1 block, got 0"),
        ({"growth": 0}, "growth of at least 1, got 0"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        InvertibleGenerator(**arguments)


@pytest.mark.parametrize(("secret_side", "cover_side"), [(48, 48), (32, 48), (48, 32)])
def test_images_of_another_size_are_named(secret_side, cover_side):
    sizes = rf"\(2, 3, {secret_side}, {secret_side}\) and \(2, 3, {cover_side}, {cover_side}\)"
    with pytest.raises(ValueError, match=rf"\(N, 3, 32, 32\), got {sizes}"):
        make_generator()(make_pair(secret_side)[0], make_pair(cover_side)[1])
