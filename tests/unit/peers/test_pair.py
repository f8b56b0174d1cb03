import pytest
import torch
from support.peers import pair
from torch import nn

from miais.peers.pair import NetworkPair


class Brighten(nn.Module):
    """A generator that leaves the range."""

    def forward(self, secret, cover):
        return cover + secret


def test_the_pass_keeps_what_leaves_the_range_and_use_does_not():
    peer = NetworkPair(Brighten(), nn.Identity()).eval()
    secret, cover = pair()
    passage = peer(secret, cover)
    assert passage.container.max() > 1
    assert torch.equal(passage.restored, passage.container)
    assert torch.equal(peer.hide(secret, cover), (cover + secret).clamp(0, 1))
    assert torch.equal(peer.reveal(passage.container), passage.container.clamp(0, 1))


def test_noise_has_the_given_deviation():
    peer = NetworkPair(Brighten(), nn.Identity(), noise=0.25).train()
    passage = peer(*pair(4, 64, 64), random=torch.Generator().manual_seed(0))
    assert (passage.restored - passage.container).std().item() == pytest.approx(0.25, rel=0.02)


def test_the_sigmoid_comes_last():
    peer = NetworkPair(Brighten(), nn.Identity(), sigmoid=True).eval()
    image = pair()[0] * 20 - 10
    assert torch.equal(peer.reveal(image), image.sigmoid())


def test_negative_noise_is_refused():
    with pytest.raises(ValueError, match=r"at least 0, got -0\.1"):
        NetworkPair(Brighten(), nn.Identity(), noise=-0.1)
