import pytest
import torch
from support.peers import count, on_paper, pair, small_critic, small_peer
from torch import nn

from miais.peers import Passage
from miais.peers.steganogan import METHOD, SteganoGANCritic, SteganoGANGenerator, SteganoGANRestorer, steganogan


@pytest.mark.parametrize(
    ("network", "number"), [(SteganoGANGenerator, 33_204), (SteganoGANRestorer, 31_395), (SteganoGANCritic, 19_873)]
)
def test_parameters_are_as_many_as_stated(network, number):
    assert count(on_paper(network)) == number


def test_loss_weighs_the_containers_error_on_its_own_scale():
    zeros = torch.zeros(2, 3, 4, 4)
    loss = METHOD.native_loss(zeros, zeros, Passage(zeros + 0.1, zeros + 0.2))
    assert loss.item() == pytest.approx(0.2**2 + 0.2**2)


def test_an_encoder_that_says_nothing_leaves_the_cover():
    peer = small_peer("steganogan").eval()
    for parameter in peer.generator.encoder.last.parameters():
        nn.init.zeros_(parameter)
    secret, cover = pair()
    assert torch.equal(peer.hide(secret, cover), cover)


def test_every_layer_sees_all_before_it():
    encoder, decoder = small_peer("steganogan").generator.encoder, small_peer("steganogan").restorer.decoder
    assert [unit[0].in_channels for unit in encoder.units] == [3, 4 + 3, 8 + 3]
    assert encoder.last.in_channels == 12 + 3
    assert [unit[0].in_channels for unit in decoder.units] == [3, 4, 8]
    assert decoder.last.in_channels == 12
    image, message = pair(2, 8, 8)
    first = encoder.units[0](image)
    second = encoder.units[1](torch.cat([first, message], 1))
    third = encoder.units[2](torch.cat([first, second, message], 1))
    wanted = encoder.last(torch.cat([first, second, third, message], 1))
    torch.testing.assert_close(encoder(image, message), wanted)
    assert [type(layer) for layer in encoder.units[0]] == [nn.Conv2d, nn.LeakyReLU, nn.BatchNorm2d]


def test_the_sigmoid_is_an_option():
    linear, squashed = (small_peer("steganogan", sigmoid=sigmoid).eval() for sigmoid in (False, True))
    images = pair()
    with torch.no_grad():
        torch.testing.assert_close(squashed(*images).restored, linear(*images).restored.sigmoid())


def test_critic_loss_and_hider_loss_are_means_of_scores():
    critic = small_critic("steganogan").eval()
    container, cover = pair()
    covers, containers = critic(cover), critic(container)
    assert covers.shape == (2,)
    torch.testing.assert_close(critic.critic_loss(cover, container), covers.mean() - containers.mean())
    torch.testing.assert_close(critic.hider_loss(container), containers.mean())


def largest_weight(network):
    return max(parameter.abs().max().item() for parameter in network.parameters())


def test_every_weight_of_the_critic_is_clipped_after_a_step():
    critic = small_critic("steganogan")
    assert largest_weight(critic) == 1  # of the normalisation
    critic.after_step()
    assert largest_weight(critic) == pytest.approx(0.1)


def test_the_critic_has_a_smallest_size():
    critic = small_critic("steganogan")
    assert critic(torch.rand(1, 3, 9, 9)).shape == (1,)
    with pytest.raises(ValueError, match="at least 9, got 8x20; crop or resize to 9x20"):
        critic(torch.rand(1, 3, 8, 20))


def test_bad_width_is_refused():
    with pytest.raises(ValueError, match="at least 1, got 0"):
        steganogan(width=0)
