"""Peers as generator and restorer of a system."""

import pytest
import torch
from support.peers import SIZES, pair, shake

from miais.peers import PEERS
from miais.peers.networks import PeerGenerator, PeerRestorer


@pytest.mark.parametrize("name", PEERS)
def test_they_hide_and_restore_as_the_peer_does(name):
    generator, restorer = (shake(kind(name, **SIZES[name])).eval() for kind in (PeerGenerator, PeerRestorer))
    restorer.share(generator)
    secret, cover = pair()
    with torch.no_grad():
        container = generator(secret, cover)
        assert torch.equal(container, generator.peer.hide(secret, cover))
        assert torch.equal(restorer(container), generator.peer.reveal(container))


def test_only_a_generator_of_the_same_method_is_shared():
    with pytest.raises(ValueError, match="of one peer, got hiips and udh"):
        PeerRestorer("udh", width=2).share(PeerGenerator("hiips", width=2))


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match=r"expected a peer out of hiips, .* got 'stegnot'"):
        PeerGenerator("stegnot")
