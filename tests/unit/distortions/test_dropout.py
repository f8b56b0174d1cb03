import pytest
import torch

from miais.distortions import pixel_dropout


def draw(seed, batch=2, **settings):
    container, cover = torch.ones(batch, 3, 64, 64), torch.zeros(batch, 3, 64, 64)
    return pixel_dropout(container, cover, torch.Generator().manual_seed(seed), **settings)


def test_whole_pixels_come_from_one_picture_with_one_mask_for_the_batch():
    container, cover = torch.rand(2, 2, 3, 64, 64, generator=torch.Generator().manual_seed(0)).unbind(0)
    mixed = pixel_dropout(container, cover, torch.Generator().manual_seed(3))
    kept = draw(3) == 1
    assert torch.equal(mixed, torch.where(kept, container, cover))
    assert (kept == kept[:1, :1]).all()


def test_share_of_kept_pixels_is_uniform_in_the_stated_range():
    shares = torch.stack([draw(seed, batch=1).mean() for seed in range(100)])
    assert 0.68 < shares.min() < 0.73
    assert shares.max() > 0.97
    assert abs(shares.mean() - 0.85) < 0.03


def test_smallest_share_sets_the_range():
    assert draw(0, smallest=1.0).all()
    shares = [float(draw(seed, smallest=0.0).mean()) for seed in range(20)]
    assert min(shares) < 0.2


def test_draw_repeats_with_the_seed_and_does_not_touch_the_global_generator():
    state = torch.get_rng_state()
    assert torch.equal(draw(5), draw(5))
    assert not torch.equal(draw(5), draw(6))
    assert torch.equal(torch.get_rng_state(), state)


def test_gradient_goes_to_the_picture_that_is_seen():
    container, cover = (torch.rand(1, 3, 64, 64).requires_grad_() for _ in range(2))
    pixel_dropout(container, cover, torch.Generator().manual_seed(3)).sum().backward()
    assert torch.equal(container.grad, draw(3, batch=1))
    assert torch.equal(container.grad + cover.grad, torch.ones(1, 3, 64, 64))


def test_bad_input_is_refused():
    container = torch.rand(1, 3, 8, 8)
    with pytest.raises(ValueError, match="one shape"):
        pixel_dropout(container, container[:, :1], torch.Generator())
    with pytest.raises(ValueError, match="smallest"):
        pixel_dropout(container, container, torch.Generator(), smallest=1.1)
