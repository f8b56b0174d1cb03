import math

import pytest
import torch
from support.peers import count, on_paper, pair, small_peer
from torch import nn

from miais.networks.unet import down_stages, up_stages
from miais.peers import Passage
from miais.peers.udh import METHOD, UDHGenerator, udh


def test_parameters_are_as_many_as_stated():
    assert count(on_paper(UDHGenerator)) == 16_659_075
    assert count(on_paper(udh).restorer) == 742_659


def test_with_the_cover_beside_the_secret_it_would_be_the_cover_dependent_network_of_the_paper():
    channels = (64, 128, 256, 512, 512)
    assert count(on_paper(down_stages, 6, channels)) + count(on_paper(up_stages, channels)) == 16_662_147


def test_loss_is_that_of_the_code():
    zeros = torch.zeros(2, 3, 4, 4)
    loss = METHOD.native_loss(zeros, zeros, Passage(zeros + 0.1, zeros + 0.2))
    assert loss.item() == pytest.approx(0.01 + 0.75 * 0.04)


@pytest.mark.parametrize("training", [True, False])
def test_what_is_added_does_not_depend_on_the_cover(training):
    peer = small_peer("udh").double().train(training)
    secret, cover = pair(dtype=torch.float64)
    with torch.no_grad():
        changes = [peer(secret, other).container - other for other in (cover, 1 - cover, torch.zeros_like(cover))]
    assert changes[0].abs().max() > 1e-3
    for change in changes[1:]:
        torch.testing.assert_close(change, changes[0], rtol=0, atol=1e-14)


def test_what_is_added_reaches_the_bound_and_never_passes_it():
    generator = small_peer("udh").generator
    secret, _ = pair()
    with torch.no_grad():
        generator.up[-1][0].weight.mul_(1000)  # saturates the tanh
        code = generator.code(secret).abs()
    assert 0.9 * 10 / 255 < code.max() <= 10 / 255 + 1e-9


def test_convolutions_start_kaiming_normal_by_their_outputs():
    torch.manual_seed(0)
    peer = udh(width=16)
    for layer, fan_out in ((peer.generator.down[2][0], 64 * 16), (peer.restorer.stages[1][2], 64 * 9)):
        assert isinstance(layer, nn.Conv2d)
        assert layer.weight.std().item() == pytest.approx(math.sqrt(2 / fan_out), rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"width": 0}, "at least 1"), ({"bound": 0.0}, "bound in"), ({"bound": 1.5}, "got 64 and")],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        udh(**arguments)
