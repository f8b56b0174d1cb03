import pytest
import torch

from miais.losses import hint_loss


def make_maps(seed):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(2, 3, side, side, generator=generator) for side in (8, 4)]


def test_it_is_the_mean_of_the_relative_squared_distances():
    some, others = make_maps(0), make_maps(1)
    gaps = []
    for maps in zip(some, others, strict=True):
        for one, other in zip(*maps, strict=True):
            pairs = list(zip(one.flatten().tolist(), other.flatten().tolist(), strict=True))
            gaps.append(sum((a - b) ** 2 for a, b in pairs) / sum(b**2 for _, b in pairs))
    assert hint_loss(some, others).item() == pytest.approx(sum(gaps) / 4, rel=1e-5)


def test_equal_maps_cost_nothing_and_the_unit_of_the_maps_does_not_matter():
    some, others = make_maps(0), make_maps(1)
    assert hint_loss(others, others).item() == 0
    scaled = hint_loss([1000 * maps for maps in some], [1000 * maps for maps in others])
    assert scaled.item() == pytest.approx(hint_loss(some, others).item(), rel=1e-5)


def test_maps_of_zeros_have_a_finite_gradient():
    maps = torch.zeros(1, 2, 4, 4, requires_grad=True)
    hint_loss([maps], [torch.zeros(1, 2, 4, 4)]).backward()
    assert maps.grad.isfinite().all()


def test_half_precision_maps_are_compared_in_full():
    some, others = make_maps(0), make_maps(1)
    halves = hint_loss([maps.bfloat16() for maps in some], [maps.bfloat16() for maps in others])
    assert halves.dtype == torch.float32


@pytest.mark.parametrize("wrong", [[], [torch.zeros(2, 3, 8, 8)], [torch.zeros(2, 3, 8, 8), torch.zeros(2, 3, 5, 4)]])
def test_no_maps_or_other_shapes_are_an_error(wrong):
    with pytest.raises(ValueError, match="of one list of shapes"):
        hint_loss(wrong, make_maps(0) if wrong else [])
