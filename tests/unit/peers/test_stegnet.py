import pytest
import torch
from support.peers import count, on_paper, pair, small_peer
from torch import nn

from miais.peers import Passage
from miais.peers.stegnet import METHOD, StegNetGenerator, StegNetRestorer, stegnet


@pytest.mark.parametrize(("network", "number"), [(StegNetGenerator, 74_053), (StegNetRestorer, 73_924)])
def test_parameters_are_as_many_as_stated(network, number):
    assert count(on_paper(network)) == number


def test_a_narrow_one_has_a_quarter_of_the_parameters_or_so_and_too_narrow_a_one_is_refused():
    assert 0.2 < count(stegnet(width=16)) / count(stegnet()) < 0.3
    with pytest.raises(ValueError, match="width of at least 6, got 5"):
        stegnet(width=5)


def test_an_even_error_costs_its_size_and_an_uneven_one_its_variance_too():
    zeros = torch.zeros(2, 3, 4, 4)
    halves = zeros.clone()
    halves[..., 2:] = 0.2
    # On the scale of [-1, 1]: container off by 0.2 everywhere, restored by 0 and 0.4 in turn.
    loss = METHOD.native_loss(zeros, zeros, Passage(zeros + 0.1, halves))
    assert loss.item() == pytest.approx((0.2 + 0.2 + 0 + 0.04) / 4)


def test_the_variance_is_within_an_image_and_of_the_signed_error():
    zeros = torch.zeros(2, 3, 4, 4)
    apart = zeros + torch.tensor([0.1, -0.1]).view(2, 1, 1, 1)  # two images, each even
    assert METHOD.native_loss(zeros, zeros, Passage(apart, zeros)).item() == pytest.approx(0.2 / 4)
    apart = zeros + torch.tensor([0.1, -0.1]).view(1, 1, 1, 2).repeat(1, 1, 1, 2)
    assert METHOD.native_loss(zeros, zeros, Passage(apart, zeros)).item() == pytest.approx((0.2 + 0.04) / 4)


@pytest.mark.parametrize(("network", "front", "back"), [(StegNetGenerator, 13, 13), (StegNetRestorer, 14, 15)])
def test_blocks_widen_by_zeros_on_both_sides(network, front, back):
    layers = next(network().children())
    block, inputs = layers[0], 32 - front - back
    nn.init.zeros_(block.body[-1].weight)
    features = torch.rand(1, inputs, 5, 5)
    widened = block(features)
    assert torch.equal(widened[:, front : front + inputs], features)
    assert not widened[:, :front].any()
    assert not widened[:, front + inputs :].any()


def test_networks_see_minus_one_to_one_cover_first():
    generator = small_peer("stegnet").eval().generator
    secret, cover = pair(1, 8, 8)
    wanted = generator.encoder(torch.cat([2 * cover - 1, 2 * secret - 1], dim=1))
    torch.testing.assert_close(2 * generator(secret, cover) - 1, wanted)
