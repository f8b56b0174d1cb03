import math

import pytest
import torch
from support.peers import shake

from miais.peers.invertible_blocks import CLAMP, DenseSubnet, InvertibleBlock, InvertibleBlocks


def branches(side=6, dtype=torch.float64):
    random = torch.Generator().manual_seed(3)
    return tuple(torch.rand(2, 12, side, side, dtype=dtype, generator=random) for _ in range(2))


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_parameters_are_as_many_as_those_of_hinet():
    with torch.device("meta"):
        assert count(DenseSubnet(32)) == 84_380
        assert count(InvertibleBlocks(blocks=16, growth=32)) == 4_050_240


@pytest.mark.parametrize("growth", [1, 8])
def test_dense_convolutions_see_all_before_them(growth):
    widths = [convolution.in_channels for convolution in DenseSubnet(growth).convolutions]
    assert widths == [12 + number * growth for number in range(5)]


def test_fresh_blocks_change_nothing():
    cover, secret = branches(dtype=torch.float32)
    blocks = InvertibleBlocks(blocks=3, growth=4)
    assert all(map(torch.equal, blocks(cover, secret), (cover, secret)))


def test_block_is_that_of_the_formulas():
    block = shake(InvertibleBlock(4).double(), 0.3)
    cover, secret = branches()
    first, second = block(cover, secret)
    torch.testing.assert_close(first, cover + block.phi(secret))
    exponent = 2 * 2 * (torch.sigmoid(block.rho(first)) - 0.5)
    torch.testing.assert_close(second, secret * torch.exp(exponent) + block.eta(first))


@pytest.mark.parametrize(("dtype", "atol"), [(torch.float64, 1e-13), (torch.float32, 1e-4)])
def test_backwards_undoes_forwards_where_nothing_is_lost(dtype, atol):
    blocks = shake(InvertibleBlocks(blocks=8, growth=8).to(dtype), 0.03)  # larger weights explode, as in training
    before = branches(dtype=dtype)
    after = blocks(*before)
    assert all((one - other).abs().max() > 0.1 for one, other in zip(before, after, strict=True))
    for found, wanted in zip(blocks.inverse(*after), before, strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=atol)


def test_forwards_undoes_backwards():
    blocks = shake(InvertibleBlocks(blocks=8, growth=8).double(), 0.03)
    before = branches()
    for found, wanted in zip(blocks(*blocks.inverse(*before)), before, strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-13)


def test_without_what_was_lost_the_secret_is_not_exact():
    blocks = shake(InvertibleBlocks(blocks=2, growth=4).double(), 0.1)
    cover, secret = branches()
    container, lost = blocks(cover, secret)
    assert (blocks.inverse(container, torch.zeros_like(lost))[1] - secret).abs().max() > 0.1


def test_factors_stay_within_the_clamp():
    block = shake(InvertibleBlock(4).double(), 50.0)
    cover, secret = branches()
    assert (block._exponent(cover).abs() <= CLAMP).all()
    factors = (block(cover, secret)[1] - block.eta(block(cover, secret)[0])) / secret
    assert factors.max() <= math.exp(CLAMP) * 1.01


def test_every_parameter_gets_a_gradient_by_hiding_and_restoring():
    blocks = shake(InvertibleBlocks(blocks=2, growth=4).double())
    cover, secret = branches()
    container, _ = blocks(cover, secret)
    _, restored = blocks.inverse(container, torch.zeros_like(container))
    (container.square().mean() + (restored - secret).square().mean()).backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in blocks.parameters())


def test_branches_keep_their_precision_under_autocast():
    blocks = shake(InvertibleBlocks(blocks=2, growth=4))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        before = branches(dtype=torch.float32)
        after = blocks(*before)
        again = blocks.inverse(*after)
    assert all(branch.dtype == torch.float32 for branch in (*after, *again))
    assert all((one - other).abs().max() < 0.02 for one, other in zip(before, again, strict=True))


@pytest.mark.parametrize(
    ("arguments", "message"), [((0, 8), "at least 1 block, got 0"), ((1, 0), "growth of at least 1, got 0")]
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        InvertibleBlocks(*arguments)
