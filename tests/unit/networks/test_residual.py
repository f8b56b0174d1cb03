import pytest
import torch
from torch import nn

from miais.networks.residual import ResidualGenerator


def make_generator(image_size=32, **arguments):
    torch.manual_seed(0)
    return ResidualGenerator(image_size, **{"width": 8, **arguments})


def last_convolution(generator):
    return [module for module in generator.modules() if isinstance(module, nn.Conv2d)][-1]


def make_pair(side=32, batch=2):
    """A secret and a cover."""
    return torch.rand(2, batch, 3, side, side, generator=torch.Generator().manual_seed(1)).unbind()


@pytest.mark.parametrize("side", [16, 32, 64, 112, 128, 160])
def test_container_has_the_covers_shape_and_range(side):
    secret, cover = make_pair(side, batch=1)
    with torch.no_grad():
        container = make_generator(side)(secret, cover)
    assert container.shape == (1, 3, side, side)
    assert container.min() >= 0
    assert container.max() <= 1
    assert not torch.equal(container, cover)


def test_every_parameter_gets_a_gradient():
    generator = make_generator()
    generator(*make_pair()).square().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in generator.parameters())


@pytest.mark.parametrize("bound", [0.02, 0.1, 1.0])
def test_residual_reaches_the_bound_and_never_passes_it(bound):
    generator = make_generator(bound=bound)
    secret, cover = make_pair()
    with torch.no_grad():
        last_convolution(generator).weight.mul_(1000)  # saturates the tanh
        change = (generator(secret, cover) - cover).abs()
    assert change.max() <= bound + 1e-6
    assert change.max() >= 0.9 * bound


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_container_of_a_black_or_white_cover_stays_in_range(level):
    secret, _ = make_pair()
    with torch.no_grad():
        container = make_generator()(secret, torch.full_like(secret, level))
    assert container.min() >= 0
    assert container.max() <= 1
    assert (container != level).any()


def test_each_container_depends_on_its_own_pair_alone_also_in_training():
    generator = make_generator().train()
    secret, cover = make_pair(batch=3)
    with torch.no_grad():
        containers = generator(secret, cover)
        singles = torch.cat([generator(secret[i : i + 1], cover[i : i + 1]) for i in range(3)])
        others = generator(secret.flip(0), cover)
    torch.testing.assert_close(containers, singles, rtol=0, atol=1e-6)
    assert (containers - others).abs().max() > 1e-4


def test_inputs_are_left_as_they_were():
    pair = make_pair()
    before = [image.clone() for image in pair]
    make_generator()(*pair)
    assert all(map(torch.equal, pair, before))


def test_the_cover_passes_at_full_precision_under_autocast():
    secret, cover = make_pair()
    generator = make_generator()
    for parameter in last_convolution(generator).parameters():
        nn.init.zeros_(parameter)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(generator(secret, cover), cover)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": 100}, "multiple of 16, got 100"),
        ({"image_size": 0}, "multiple of 16, got 0"),
        ({"width": 12}, "multiple of 8, got 12"),
        ({"width": 0}, "multiple of 8, got 0"),
        ({"bound": 0.0}, r"bound in \(0, 1\], got 0.0"),
        ({"bound": 1.5}, r"bound in \(0, 1\], got 1.5"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ResidualGenerator(**arguments)


@pytest.mark.parametrize(("secret_side", "cover_side"), [(48, 48), (32, 48), (48, 32)])
def test_images_of_another_size_are_named(secret_side, cover_side):
    sizes = rf"\(2, 3, {secret_side}, {secret_side}\) and \(2, 3, {cover_side}, {cover_side}\)"
    with pytest.raises(ValueError, match=rf"\(N, 3, 32, 32\), got {sizes}"):
        make_generator()(make_pair(secret_side)[0], make_pair(cover_side)[1])
