"""Methods of others that hide an image in an image: those of the paper's Table VI, and HiNet and UDH.

Each file has one of them: its networks, a function that makes them, its native loss, and `METHOD`, which says how its
authors train it. Secrets, covers, containers and restored secrets are in [0, 1], whatever the networks use inside. One
training step is the same for all:

>>> import torch
>>> method = PEERS["hidden"]
>>> peer = method.build(width=4)
>>> critic = method.critic.build(width=4) if method.critic else None
>>> optimizer = method.optimizer.build(peer.parameters())
>>> secret, cover = torch.rand(2, 2, 3, 16, 16)
>>> passage = peer(secret, cover)
>>> loss = method.native_loss(secret, cover, passage)
>>> if critic is not None:  # which has steps of its own, on critic.critic_loss(cover, passage.container)
...     loss = loss + critic.hider_loss(passage.container)
>>> loss.backward()
>>> _ = optimizer.step()
"""

from collections.abc import Mapping
from typing import Literal

from miais.peers import hidden, hiips, hinet, steganogan, stegnet, udh
from miais.peers.interface import Critic, Passage, Peer
from miais.peers.method import AdamSettings, CriticMethod, PeerMethod

PeerName = Literal["hiips", "steganogan", "hidden", "stegnet", "hinet", "udh"]

PEERS: Mapping[PeerName, PeerMethod] = {
    "hiips": hiips.METHOD,
    "steganogan": steganogan.METHOD,
    "hidden": hidden.METHOD,
    "stegnet": stegnet.METHOD,
    "hinet": hinet.METHOD,
    "udh": udh.METHOD,
}

__all__ = ["PEERS", "AdamSettings", "Critic", "CriticMethod", "Passage", "Peer", "PeerMethod", "PeerName"]
