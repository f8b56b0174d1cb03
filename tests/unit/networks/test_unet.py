import pytest
import torch
import torch.nn.functional as F
from torch import nn

from miais.networks.unet import UNetGenerator, count_downsamplings


class ReferenceUNet(nn.Module):
    """The same network written the authors' way: nested blocks, LeakyReLU in place on the map that the skip carries."""

    def __init__(self, generator: UNetGenerator, level: int = 0) -> None:
        super().__init__()
        self.level = level
        self.down, self.up = generator.down[level], generator.up[len(generator.up) - 1 - level]
        self.inner = ReferenceUNet(generator, level + 1) if level + 1 < len(generator.down) else None

    def forward(self, x):
        entering = F.leaky_relu(x, 0.2, inplace=True) if self.level else x
        below = self.down(entering)
        if self.inner is not None:
            below = self.inner(below)
        above = self.up(F.relu(below))
        return torch.cat([x, above], dim=1) if self.level else torch.sigmoid(above)


def make_generator(image_size=32, width=4):
    torch.manual_seed(0)
    return UNetGenerator(image_size, width)


def make_images(image_size=32, batch=2, dtype=torch.float32):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(2, batch, 3, image_size, image_size, generator=generator, dtype=dtype).unbind(0)


def test_default_has_the_papers_layers_and_parameter_count():
    with torch.device("meta"):
        generator = UNetGenerator()
    down = [(stage[0].in_channels, stage[0].out_channels, len(stage)) for stage in generator.down]
    up = [(stage[0].in_channels, stage[0].out_channels, len(stage)) for stage in generator.up]
    assert down == [
        *[(6, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2), (512, 512, 2), (512, 512, 2)],
        (512, 512, 1),
    ]
    assert up == [
        *[(512, 512, 2), (1024, 512, 2), (1024, 512, 2), (1024, 256, 2), (512, 128, 2), (256, 64, 2)],
        (128, 3, 1),
    ]
    assert sum(parameter.numel() for parameter in generator.parameters()) == 41_832_067


@pytest.mark.parametrize(
    ("image_size", "halvings"),
    [(32, 4), (48, 4), (64, 5), (96, 5), (112, 4), (128, 6), (160, 5), (224, 5), (256, 7), (512, 8)],
)
def test_depth_follows_the_image_size(image_size, halvings):
    assert count_downsamplings(image_size) == halvings


@pytest.mark.parametrize("image_size", [32, 64, 112, 128, 160])
def test_container_has_the_images_shape_and_range(image_size):
    generator = make_generator(image_size)
    secret, cover = make_images(image_size)
    container = generator(secret, cover)
    assert container.shape == cover.shape
    assert container.min() >= 0
    assert container.max() <= 1
    assert container.std() > 0


@pytest.mark.parametrize(
    ("image_size", "advice"), [(0, "use 32"), (16, "use 32"), (33, "use 32 or 48"), (250, "use 240 or 256")]
)
def test_unusable_image_size_names_the_nearest_usable_ones(image_size, advice):
    with pytest.raises(ValueError, match=f"got {image_size}: .*{advice}"):
        UNetGenerator(image_size)


def test_width_below_one_is_refused():
    with pytest.raises(ValueError, match="width"):
        UNetGenerator(32, width=0)


@pytest.mark.parametrize("batch", [1, 3])
def test_every_parameter_gets_a_gradient_in_training_even_with_one_image(batch):
    generator = make_generator()
    secret, cover = make_images(batch=batch)
    generator(secret, cover).square().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in generator.parameters())


def test_cover_comes_before_secret_in_the_input():
    generator = make_generator().eval()
    secret, cover = make_images()
    with torch.no_grad():
        generator.down[0][0].weight[:, 3:] = 0
        container = generator(secret, cover)
        assert torch.equal(generator(1 - secret, cover), container)
        assert not torch.equal(generator(secret, 1 - cover), container)


@pytest.mark.parametrize("image_size", [32, 64])
def test_agrees_with_nested_blocks_whose_skips_carry_activated_features(image_size):
    generator = make_generator(image_size)
    secret, cover = make_images(image_size)
    ours = generator(secret, cover)
    our_gradients = torch.autograd.grad(ours.square().mean(), list(generator.parameters()))
    theirs = ReferenceUNet(generator)(torch.cat([cover, secret], dim=1))
    their_gradients = torch.autograd.grad(theirs.square().mean(), list(generator.parameters()))
    torch.testing.assert_close(ours, theirs)
    for our, their in zip(our_gradients, their_gradients, strict=True):
        torch.testing.assert_close(our, their)


def test_inputs_are_left_as_they_were():
    secret, cover = make_images()
    before = secret.clone(), cover.clone()
    make_generator()(secret, cover)
    assert torch.equal(secret, before[0])
    assert torch.equal(cover, before[1])


def test_eval_is_deterministic_and_treats_each_image_alone():
    generator = make_generator().eval()
    secret, cover = make_images()
    with torch.no_grad():
        container = generator(secret, cover)
        assert torch.equal(container, generator(secret, cover))
        torch.testing.assert_close(container[:1], generator(secret[:1], cover[:1]))


def test_weights_repeat_with_the_seed_and_follow_the_authors_initialisation():
    first, second = make_generator(width=16), make_generator(width=16)
    assert all(map(torch.equal, first.state_dict().values(), second.state_dict().values()))
    for stage in first.down:
        weight = stage[0].weight
        bound = (6 / (16 * (weight.shape[0] + weight.shape[1]))) ** 0.5
        assert 0.95 * bound < weight.abs().max() <= bound
    norms = [module for module in first.modules() if isinstance(module, nn.BatchNorm2d)]
    scales = torch.cat([norm.weight for norm in norms])
    assert abs(scales.mean() - 1) < 0.01
    assert 0.015 < scales.std() < 0.025
    assert all(not norm.bias.any() for norm in norms)


def test_gradients_are_right():
    generator = make_generator(width=2).double().eval()
    secret, cover = make_images(batch=1, dtype=torch.float64)
    assert torch.autograd.gradcheck(generator, (secret.requires_grad_(), cover.requires_grad_()), fast_mode=True)


def test_container_keeps_the_covers_precision_under_autocast():
    secret, cover = make_images()
    with torch.autocast("cpu", torch.bfloat16):
        container = make_generator()(secret, cover)
    assert container.dtype == torch.float32


def test_wrong_shapes_are_named():
    generator = make_generator()
    secret, cover = make_images()
    with pytest.raises(ValueError, match=r"secret must have shape .*got \(2, 3, 16, 16\)"):
        generator(secret[..., :16, :16], cover)
    with pytest.raises(ValueError, match=r"cover must have shape .*got \(1, 3, 32, 32\)"):
        generator(secret, cover[:1])
    with pytest.raises(ValueError, match="secret must have shape"):
        generator(secret[0], cover[0])
