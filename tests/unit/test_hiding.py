import pytest
import torch
import torch.nn.functional as F

from miais.hiding import MAX_GAIN, as_seen, carry_residual, hide_in
from miais.image import resize

SIDE = 32


def noise(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def decibels(container, cover):
    errors = (container.double() - cover.double()).square().flatten(1).mean(dim=1)
    return -10 * errors.log10()


@pytest.fixture
def small_cover():
    """Mid-greys, so that nothing below is clamped."""
    return 0.3 + 0.4 * noise(4, 3, SIDE, SIDE)


@pytest.fixture
def container(small_cover):
    """Four images whose residuals span four orders of magnitude; the last one's is zero."""
    strengths = torch.tensor([0.3, 0.01, 0.0003, 0.0]).view(4, 1, 1, 1)
    return small_cover + strengths * (2 * noise(4, 3, SIDE, SIDE, seed=1) - 1)


def test_at_equal_sizes_without_budget_the_container_passes_unchanged(container, small_cover):
    torch.testing.assert_close(carry_residual(container, small_cover, small_cover), container, rtol=0, atol=1e-7)


@pytest.mark.parametrize("size", [(31, 57), (97, 20), (7, 5), (300, 9), (33, 32), (SIDE, 2 * SIDE), (1, 1)])
def test_a_flat_residual_reaches_every_pixel_of_a_cover_of_any_size(size):
    small_cover = 0.5 * noise(2, 3, SIDE, SIDE)
    cover = 0.5 * noise(2, 3, *size, seed=1)
    change = torch.tensor([0.1, -0.1, 0.2]).view(1, 3, 1, 1)
    carried = carry_residual(small_cover + change, small_cover, cover)
    torch.testing.assert_close(carried, (cover + change).clamp(0, 1), rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [(61, 45), (20, 31)])
def test_the_residual_and_not_the_container_is_resized(container, small_cover, size):
    cover = 0.3 + 0.4 * noise(4, 3, *size, seed=2)
    residual = F.interpolate(container - small_cover, size=size, mode="bilinear", antialias=True)
    torch.testing.assert_close(carry_residual(container, small_cover, cover), cover + residual, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [(SIDE, SIDE), (61, 45), (20, 31)])
@pytest.mark.parametrize("strength", [0.5, 1.0, 2.0])
def test_the_budget_holds_for_every_image_and_strength_scales_what_it_leaves(container, small_cover, size, strength):
    cover = 0.3 + 0.4 * noise(4, 3, *size, seed=2)
    within = decibels(carry_residual(container, small_cover, cover, strength=strength), cover)
    carried = carry_residual(container, small_cover, cover, psnr_db=40.0, strength=strength)
    least = 40 - 20 * torch.tensor(strength).log10().item()
    assert (decibels(carried, cover) >= least - 1e-3).all()
    assert within[0] < least - 5  # the budget has something to do
    assert decibels(carried, cover)[0].item() == pytest.approx(least, abs=0.01)


def test_weak_residuals_are_enlarged_to_the_budget_but_not_without_end(container, small_cover):
    free = carry_residual(container, small_cover, small_cover) - small_cover
    bound = carry_residual(container, small_cover, small_cover, psnr_db=40.0) - small_cover
    reached = decibels(small_cover + bound, small_cover)
    assert reached[1].item() == pytest.approx(40.0, abs=0.01)  # 45 dB as it came: enlarged
    torch.testing.assert_close(bound[2], MAX_GAIN * free[2], rtol=1e-3, atol=1e-7)  # 75 dB: only so far
    assert torch.equal(bound[3], torch.zeros_like(bound[3]))


def test_the_budget_holds_where_the_clamp_acts():
    cover = noise(3, 3, SIDE, SIDE).round()
    carried = carry_residual((cover - 0.3).abs(), cover, cover, psnr_db=30.0)
    assert (decibels(carried, cover) >= 30 - 1e-3).all()
    wild = carry_residual(cover + 5, cover, cover, strength=3.0)
    assert torch.equal(wild, torch.ones_like(cover))


def test_strength_zero_gives_the_cover_back(container, small_cover):
    cover = noise(4, 3, 40, 50)
    assert torch.equal(carry_residual(container, small_cover, cover, psnr_db=40.0, strength=0.0), cover)


@pytest.mark.parametrize("psnr_db", [None, 40.0])
@pytest.mark.parametrize("size", [(SIDE, SIDE), (50, 41)])
def test_gradient_is_finite_and_present_at_a_zero_residual(small_cover, psnr_db, size):
    container = small_cover.clone().requires_grad_()
    cover = 0.3 + 0.4 * noise(4, 3, *size, seed=2)
    carry_residual(container, small_cover, cover, psnr_db=psnr_db).sum().backward()
    assert container.grad.isfinite().all()
    assert (container.grad > 0).all()


@pytest.mark.parametrize("psnr_db", [None, 20.0, 60.0])
def test_gradients_are_right(psnr_db):
    small_cover = 0.3 + 0.4 * noise(2, 3, 4, 4).double()
    container = (small_cover + 0.05 * noise(2, 3, 4, 4, seed=1)).requires_grad_()
    cover = 0.3 + 0.4 * noise(2, 3, 6, 5, seed=2).double()

    def carry(container):
        return carry_residual(container, small_cover, cover, psnr_db=psnr_db)

    assert torch.autograd.gradcheck(carry, (container,), fast_mode=True)


class FullSizeGenerator(torch.nn.Module):
    """Adds a tenth of the secret's mean to the cover, whatever its size."""

    full_size = True

    def forward(self, secret, cover, strength=1.0):
        return cover + 0.1 * strength * secret.mean(dim=(2, 3), keepdim=True)


class SmallGenerator(torch.nn.Module):
    def forward(self, secret, cover):
        assert cover.shape == secret.shape
        return cover + 0.1 * secret


def test_generator_of_full_size_sees_the_cover_as_it_is():
    secrets, covers = torch.rand(2, 3, 16, 16), torch.rand(2, 3, 40, 24) / 2
    hidden = hide_in(FullSizeGenerator(), secrets, covers, strength=0.5)
    torch.testing.assert_close(hidden, covers + 0.05 * secrets.mean(dim=(2, 3), keepdim=True))
    assert as_seen(FullSizeGenerator(), hidden, 16) is hidden


def test_generator_of_fixed_size_sees_a_reduced_cover_and_its_residual_is_carried():
    secrets, covers = torch.rand(2, 3, 16, 16), torch.rand(2, 3, 40, 24) / 2
    small = resize(covers, (16, 16))
    expected = carry_residual(small + 0.1 * secrets, small, covers, psnr_db=40.0, strength=0.5)
    torch.testing.assert_close(hide_in(SmallGenerator(), secrets, covers, psnr_db=40.0, strength=0.5), expected)
    torch.testing.assert_close(as_seen(SmallGenerator(), expected, 16), resize(expected, (16, 16)))
