import math

import pytest
import torch
from support.peers import count, on_paper, pair, small_critic, small_peer
from torch import nn

from miais.peers import Passage
from miais.peers.hidden import METHOD, HiDDeNAdversary, HiDDeNGenerator, hidden


def test_parameters_are_as_many_as_stated():
    assert count(on_paper(HiDDeNGenerator)) == 153_795
    assert count(on_paper(hidden).restorer) == 225_987
    assert count(on_paper(HiDDeNAdversary)) == 76_097


def test_loss_is_that_of_the_paper():
    zeros = torch.zeros(2, 3, 4, 4)
    loss = METHOD.native_loss(zeros, zeros, Passage(zeros + 0.1, zeros + 0.2))
    assert loss.item() == pytest.approx(0.7 * 0.01 + 0.04)


def test_the_secret_joins_before_the_last_unit():
    generator = small_peer("hidden").eval().generator
    secret, cover = pair(1, 8, 8)
    joined = torch.cat([secret, generator.features(cover), cover], dim=1)
    torch.testing.assert_close(generator(secret, cover), generator.writer(joined))
    assert [type(layer) for layer in generator.writer[0]] == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU]


def test_the_restored_secret_ends_in_a_sigmoid_or_not():
    squashed, linear = (small_peer("hidden", sigmoid=sigmoid).eval() for sigmoid in (True, False))
    images = pair()
    with torch.no_grad():
        torch.testing.assert_close(squashed(*images).restored, linear(*images).restored.sigmoid())


def test_an_adversary_without_an_opinion_loses_a_bit_on_each_side():
    critic = small_critic("hidden")
    for parameter in critic.head.parameters():
        nn.init.zeros_(parameter)
    container, cover = pair()
    assert critic(cover).shape == (2,)
    assert critic.critic_loss(cover, container).item() == pytest.approx(2 * math.log(2))
    assert critic.hider_loss(container).item() == pytest.approx(1e-3 * math.log(2))


def test_the_adversary_says_cover_with_a_high_logit_and_the_encoder_wants_that():
    critic = small_critic("hidden")
    nn.init.zeros_(critic.head.weight)
    container, cover = pair()
    losses = {}
    for bias in (-2.0, 2.0):
        nn.init.constant_(critic.head.bias, bias)
        cover_side, container_side = math.log1p(math.exp(-bias)), math.log1p(math.exp(bias))
        assert critic.critic_loss(cover, container).item() == pytest.approx(cover_side + container_side, rel=1e-5)
        losses[bias] = critic.hider_loss(container).item()
        assert losses[bias] == pytest.approx(1e-3 * cover_side, rel=1e-5)
    assert losses[2.0] < losses[-2.0]


def test_the_adversary_is_not_clipped():
    critic = small_critic("hidden")
    before = [parameter.clone() for parameter in critic.parameters()]
    critic.after_step()
    assert all(map(torch.equal, before, critic.parameters()))


def test_bad_width_is_refused():
    with pytest.raises(ValueError, match="at least 1, got 0"):
        hidden(width=0)
