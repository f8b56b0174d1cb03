import pytest
import torch

from miais.distortions import random_cropout


def draw(seed, size=(100, 200), **settings):
    container, cover = torch.ones(2, 3, *size), torch.zeros(2, 3, *size)
    return random_cropout(container, cover, torch.Generator().manual_seed(seed), **settings)


def test_container_inside_one_rectangle_and_cover_outside():
    container, cover = torch.rand(2, 2, 3, 40, 60, generator=torch.Generator().manual_seed(0)).unbind(0)
    mixed = random_cropout(container, cover, torch.Generator().manual_seed(3))
    kept = draw(3, size=(40, 60)) == 1
    assert torch.equal(mixed, torch.where(kept, container, cover))
    assert 0 < kept.float().mean() < 1
    assert (kept == kept[:1, :1]).all()


def test_height_and_width_shares_are_drawn_independently_from_the_stated_range():
    heights, widths, tops, lefts = [], [], [], []
    for seed in range(60):
        kept = draw(seed)[0, 0]
        rows, columns = kept.any(1).nonzero(), kept.any(0).nonzero()
        assert kept.sum() == len(rows) * len(columns)
        heights.append(len(rows) / 100)
        widths.append(len(columns) / 200)
        tops.append(int(rows[0]))
        lefts.append(int(columns[0]))
    for shares in (heights, widths):
        assert 0.85 <= min(shares) < 0.87
        assert 0.98 < max(shares) <= 1
    assert abs(torch.corrcoef(torch.tensor([heights, widths]))[0, 1]) < 0.4
    assert len(set(tops)) > 5
    assert len(set(lefts)) > 5


def test_everything_is_kept_where_the_smallest_share_is_one():
    assert draw(0, smallest=1.0).all()


def test_draw_repeats_with_the_seed_and_does_not_touch_the_global_generator():
    state = torch.get_rng_state()
    assert torch.equal(draw(5), draw(5))
    assert not torch.equal(draw(5), draw(6))
    assert torch.equal(torch.get_rng_state(), state)


def test_gradient_goes_to_the_picture_that_is_seen():
    container, cover = (torch.rand(1, 3, 40, 40).requires_grad_() for _ in range(2))
    random_cropout(container, cover, torch.Generator().manual_seed(3)).sum().backward()
    assert torch.equal(container.grad, draw(3, size=(40, 40))[:1])
    assert torch.equal(container.grad + cover.grad, torch.ones(1, 3, 40, 40))


def test_bad_input_is_refused():
    container = torch.rand(1, 3, 8, 8)
    with pytest.raises(ValueError, match="one shape"):
        random_cropout(container, container[..., :4], torch.Generator())
    with pytest.raises(ValueError, match="smallest"):
        random_cropout(container, container, torch.Generator(), smallest=0.0)
