"""Our steg-classifier on a lattice: it reads the phases of a container of any size, and nothing else of it."""

import math
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from miais.networks.lattice.channel import LatticeChannel
from miais.networks.recognition import Recognition

_NEARLY_ALL = 0.96
"""What is read beyond this share of a quarter of a cycle is noise, which the inverse of tanh would blow up."""


class LatticeClassifier(nn.Module):
    """Steg-classifier f of Eq. 2.

    Args:
        num_identities: K, classes of the head.
        code: Symbols that it reads.
        channel: Arguments of the `LatticeChannel`, as the generator's.
        embedding_dim: D.
        hidden: Width of the hidden layer beside the linear way.
        scale: Length of every embedding.
        logit_scale: The head's logits are logit_scale * scale * cosine.
        dropout: On the hidden layer.

    Shape:
        image (N, 3, H, W) in [0, 1], any size -> ``Recognition(embedding (N, D), logits (N, K))``.
    """

    full_size = True

    def __init__(
        self,
        num_identities: int,
        *,
        code: int = 256,
        channel: Mapping[str, Any],
        embedding_dim: int = 128,
        hidden: int = 512,
        scale: float = 10.0,
        logit_scale: float = 3.2,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.scale, self.logit_scale = scale, logit_scale
        self.code, self.channel = code, LatticeChannel(**channel)
        self.straight = nn.Linear(code, embedding_dim, bias=False)
        last = nn.Linear(hidden, embedding_dim)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.bent = nn.Sequential(nn.Linear(3 * code, hidden), nn.GELU(), nn.Dropout(dropout), last)
        with torch.no_grad():  # starts as the mean of the symbols that a component went into
            copies = code // embedding_dim
            self.straight.weight.copy_(torch.eye(embedding_dim).repeat(1, copies) / copies)
        self.head = nn.Parameter(torch.empty(num_identities, embedding_dim))
        nn.init.normal_(self.head, std=embedding_dim**-0.5)

    def start_as(self, recognizer: nn.Module) -> None:
        """Take over the head of a recogniser of plain secrets, whose embeddings this classifier starts with too.

        Raises:
            ValueError: If it has no head of this size.
        """
        weights = recognizer.state_dict()
        head = weights.get("head", weights.get("head.weight"))  # cosine heads are a parameter, others a layer
        if head is None or head.shape != self.head.shape:
            found = "none" if head is None else f"one of {tuple(head.shape)}"
            raise ValueError(f"expected a recogniser with a head of shape {tuple(self.head.shape)}, got {found}")
        with torch.no_grad():
            self.head.copy_(head)

    @property
    def logit_range(self) -> float:
        """Logits lie in [-logit_range, logit_range]; a cosine margin is a share of it."""
        return self.scale * self.logit_scale

    def evidence(self, image: Tensor) -> Tensor:
        """Say whether there is a message at all; see `LatticeChannel.evidence`."""
        return self.channel.evidence(image, self.code)

    def forward(self, image: Tensor) -> Recognition:
        """Embed and classify."""
        with torch.autocast(image.device.type, enabled=False):
            waves = self.channel.read(image, self.code)  # (N, code, 2)
            cosine, sine = waves.unbind(dim=2)
            quarters = torch.atan2(sine, cosine) / (math.pi / 2)
            symbols = torch.atanh(quarters.clamp(-_NEARLY_ALL, _NEARLY_ALL))  # undoes the tanh of the generator
            unit = F.normalize(self.straight(symbols) + self.bent(torch.cat([symbols, cosine, sine], dim=1)))
            logits = self.logit_range * F.linear(unit, F.normalize(self.head))
        return Recognition(self.scale * unit, logits)
