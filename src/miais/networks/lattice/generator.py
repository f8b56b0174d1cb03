"""Our steg-generator on a lattice: it looks at the face and writes what it makes of it into a cover of any size."""

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.networks.lattice.channel import LatticeChannel
from miais.networks.lattice.picture import LatticePicture
from miais.networks.recognizers import RECOGNIZERS, load_all_but_head
from miais.networks.spec import NetworkSpec, build_network

_REACH = 0.25
"""Symbols stay within a quarter of a cycle, where sine is one-to-one and noise cannot wrap them around."""


class LatticeGenerator(nn.Module):
    """Steg-generator h of Eq. 1 whose containers carry a code of the identity, not a picture.

    Args:
        image_size: Side S of the secrets in pixels.
        encoder: Kind and arguments of a recogniser, a key of `RECOGNIZERS`; its head is left out.
        embedding_dim: Of the encoder.
        code: Symbols of the code, a multiple of the encoder's embedding.
        channel: Arguments of the code's `LatticeChannel`.
        picture: Arguments of the secret's own `LatticePicture`, if it is to be restored; None to send the code alone.
        slope: Symbols start as a quarter of tanh(slope * component), the embedding's components scaled to 1 on average:
            0.35 leaves them almost as they are, and 1 uses all of the quarter.

    Shape:
        secret (N, 3, S, S), cover (N, 3, H, W) -> container (N, 3, H, W), all in [0, 1].
    """

    full_size = True

    def __init__(
        self,
        image_size: int = 112,
        *,
        encoder: Mapping[str, Any],
        embedding_dim: int = 128,
        code: int = 256,
        channel: Mapping[str, Any],
        picture: Mapping[str, Any] | None = None,
        slope: float = 0.35,
    ) -> None:
        super().__init__()
        if code % embedding_dim:
            raise ValueError(f"expected a code of a multiple of {embedding_dim} symbols, got {code}")
        self.image_size = image_size
        self.encoder = build_network(NetworkSpec(**encoder), RECOGNIZERS, embedding_dim=embedding_dim, num_identities=1)
        self.to_code = nn.Linear(embedding_dim, code)
        with torch.no_grad():  # every component of the embedding goes into some symbols, almost as it is
            self.to_code.weight.copy_(slope * torch.eye(embedding_dim).repeat(code // embedding_dim, 1))
            self.to_code.bias.zero_()
        self.channel = LatticeChannel(**channel)
        self.picture = None if picture is None else LatticePicture(**picture)

    def start_as(self, recognizer: nn.Module) -> None:
        """Give the encoder the weights of a recogniser of plain secrets, whose head it does not have.

        Raises:
            ValueError: If it is not of the encoder's kind and sizes.
        """
        try:
            load_all_but_head(self.encoder, recognizer.state_dict())
        except RuntimeError as error:
            raise ValueError(f"the recogniser does not fit the generator's encoder: {error}") from error

    def message(self, secret: Tensor) -> Tensor:
        """Return the code of each secret, in cycles, shape (N, code)."""
        embedding = F.normalize(self.encoder(secret).embedding.float())
        return _REACH * torch.tanh(self.to_code(embedding * embedding.shape[1] ** 0.5).float())

    def forward(self, secret: Tensor, cover: Tensor, strength: float = 1.0) -> Tensor:
        """Hide each secret in its cover.

        Raises:
            ValueError: If the strength lies outside [0, 1]: at 1 every sample is where it should be.
        """
        if not 0 <= strength <= 1:
            raise ValueError(f"expected a strength in [0, 1] on a lattice, where 1 is all there is, got {strength}")
        container = self.channel.write(self.message(secret), cover, strength=strength)
        if self.picture is not None:
            container = self.picture.write(secret, container, strength=strength)
        return container
