import pytest
import torch

from miais.networks.residue_restorer import ResidueRestorer


def make_restorer(image_size=32, **arguments):
    torch.manual_seed(0)
    return ResidueRestorer(image_size, **{"width": 8, **arguments})


def make_container(side=32, batch=2):
    return torch.rand(batch, 3, side, side, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("side", [16, 32, 64, 112, 160])
def test_restored_has_the_containers_shape_and_range(side):
    with torch.no_grad():
        restored = make_restorer(side)(make_container(side, batch=1))
    assert restored.shape == (1, 3, side, side)
    assert restored.min() >= 0
    assert restored.max() <= 1
    assert restored.std() > 0


def test_every_parameter_gets_a_gradient_and_so_does_the_container():
    restorer, container = make_restorer(), make_container().requires_grad_()
    restorer(container).square().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in restorer.parameters())
    assert container.grad.any()


def test_gradient_reaches_the_container_through_a_frozen_restorer():
    container = make_container().requires_grad_()
    make_restorer().requires_grad_(False)(container).mean().backward()
    assert container.grad.any()


def test_each_image_is_treated_alone_also_in_training():
    restorer, container = make_restorer().train(), make_container(batch=3)
    with torch.no_grad():
        singles = torch.cat([restorer(container[i : i + 1]) for i in range(3)])
        torch.testing.assert_close(restorer(container), singles, rtol=0, atol=1e-5)
        assert (restorer(container) - restorer(container.flip(0))).abs().max() > 1e-3


def test_a_fraction_of_a_grey_level_is_seen():
    container = torch.full((1, 3, 32, 32), 0.5)
    changed = container.clone()
    changed[0, :, 16, 16] += 0.5 / 255
    with torch.no_grad():
        restorer = make_restorer()
        assert (restorer(changed) - restorer(container)).abs().max() > 1e-5


def test_it_can_learn_to_restore():
    restorer = make_restorer(16)
    container, secret = make_container(16), make_container(16).flip(0)
    optimizer = torch.optim.Adam(restorer.parameters(), lr=1e-2)
    errors = []
    for _ in range(30):
        error = (restorer(container) - secret).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(float(error.detach()))
    assert errors[-1] < 0.3 * errors[0]


def test_fixed_filters_are_neither_trained_nor_stored():
    assert not any("kernels" in name for name in make_restorer().state_dict())


def test_input_is_left_as_it_was():
    container = make_container()
    before = container.clone()
    make_restorer()(container)
    assert torch.equal(container, before)


def test_restored_has_full_precision_under_autocast():
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert make_restorer()(make_container()).dtype == torch.float32


@pytest.mark.parametrize("size", [0, 8, 100])
def test_image_size_must_be_a_multiple_of_16(size):
    with pytest.raises(ValueError, match=f"multiple of 16, got {size}"):
        make_restorer(size)


def test_width_must_be_a_multiple_of_8():
    with pytest.raises(ValueError, match="multiple of 8, got 12"):
        make_restorer(width=12)


def test_a_container_of_another_size_is_named():
    with pytest.raises(ValueError, match=r"expected containers of 32x32 px, got \(2, 3, 48, 48\)"):
        make_restorer()(make_container(48))
