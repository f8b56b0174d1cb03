"""Peers as generator and restorer of a system, so that all that works on systems works on them."""

from typing import Any

from torch import Tensor, nn

from miais.peers import PEERS, Peer, PeerName


class PeerGenerator(nn.Module):
    """A peer that hides.

    Args:
        method: Key of `PEERS`.
        arguments: Of the method's `build`; none for the authors' sizes.

    Attributes:
        peer: The whole method: an invertible one hides and restores with the same weights.

    Raises:
        ValueError: If there is no such method.
        TypeError: If it does not take the arguments.

    Shape:
        secret, cover (N, 3, S, S) in [0, 1] -> container (N, 3, S, S) in [0, 1].
    """

    def __init__(self, method: PeerName, **arguments: Any) -> None:
        super().__init__()
        self.method, self.peer = method, _build(method, arguments)

    def forward(self, secret: Tensor, cover: Tensor) -> Tensor:
        """Hide each secret in its cover."""
        return self.peer.hide(secret, cover)


class PeerRestorer(nn.Module):
    """A peer that restores.

    Args:
        method: Key of `PEERS`.
        arguments: Of the method's `build`; none for the authors' sizes.

    Attributes:
        peer: The whole method.

    Raises:
        ValueError: If there is no such method.
        TypeError: If it does not take the arguments.

    Shape:
        container (N, 3, S, S) in [0, 1] -> restored (N, 3, S, S) in [0, 1].
    """

    def __init__(self, method: PeerName, **arguments: Any) -> None:
        super().__init__()
        self.method, self.peer = method, _build(method, arguments)

    def forward(self, container: Tensor) -> Tensor:
        """Restore the secret of each container."""
        return self.peer.reveal(container)

    def share(self, generator: PeerGenerator) -> None:
        """Use the generator's weights from now on: a method is trained as one."""
        if generator.method != self.method:
            raise ValueError(f"expected generator and restorer of one peer, got {generator.method} and {self.method}")
        self.peer = generator.peer


def _build(method: PeerName, arguments: dict[str, Any]) -> Peer:
    if method not in PEERS:
        raise ValueError(f"expected a peer out of {', '.join(PEERS)}, got {method!r}")
    return PEERS[method].build(**arguments)
