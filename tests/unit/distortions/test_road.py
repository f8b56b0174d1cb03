import pytest
import torch

from miais.distortions import ROAD_DISTORTIONS, real_jpeg, straight_through, unchanged
from miais.image import resize


def container(batch=2, side=48):
    clouds = torch.rand(batch, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    return resize(clouds, (side, side)).contiguous()


@pytest.mark.parametrize("number", range(len(ROAD_DISTORTIONS)))
def test_each_keeps_shape_and_range_and_passes_a_gradient(number):
    image = container().requires_grad_()
    arrived = ROAD_DISTORTIONS[number](image, image.detach(), torch.Generator().manual_seed(1))
    assert arrived.shape == image.shape
    assert arrived.min() >= -1e-6
    assert arrived.max() <= 1 + 1e-6
    arrived.sum().backward()
    assert image.grad.abs().mean() > 0.5


def test_all_but_the_first_change_the_image_by_a_strength_of_their_own():
    image = container()
    random = torch.Generator().manual_seed(2)
    assert ROAD_DISTORTIONS[0] is unchanged
    for distort in ROAD_DISTORTIONS[1:]:
        first, second = (distort(image, image, random) for _ in range(2))
        assert not torch.equal(first, image)
        assert not torch.equal(first, second)


def test_the_generator_alone_decides():
    image = container()
    for distort in ROAD_DISTORTIONS:
        results = [distort(image, image, torch.Generator().manual_seed(3)) for _ in range(2)]
        assert torch.equal(*results)


def test_straight_through_gives_the_distorted_image_and_the_gradient_of_none():
    image = container().requires_grad_()
    arrived = straight_through(real_jpeg)(image, image, torch.Generator())
    torch.testing.assert_close(arrived, real_jpeg(image.detach(), image, torch.Generator()))
    arrived.sum().backward()
    assert torch.equal(image.grad, torch.ones_like(image))
