"""A key of its own for every container, so that no two of them have their places in common.

With the same places in all containers, whoever collects some dozens sees them: there the phases pile up, elsewhere they
do not. So some samples, always the same ones, are left out of the message and serve as the nonce from which key and
container make the container's own key. Their bits are drawn from the key, the message and the cover: the same secret in
the same cover gives the same container, and two secrets in one cover do not share their places.

References:
    Rogaway & Shrimpton, A provable-security treatment of the key-wrap problem, EUROCRYPT 2006 (synthetic nonces).
"""

import hashlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

NONCE_SAMPLES = 128


class Nonce(Protocol):
    """Which samples of a container are its nonce, and what stands in them."""

    def room(self, samples: int) -> int:
        """Return how many of a picture's samples are left for messages.

        Raises:
            ValueError: If the picture is too small for a nonce and as many others.
        """

    def beside(self, numbers: Tensor, samples: int) -> Tensor:
        """Count the samples of a picture without those of the nonce: from numbers below `room` to positions."""

    def write(self, samples: Tensor, message: Tensor, images: Tensor) -> Tensor:
        """Give the nonce its bits.

        Args:
            samples: Of N covers, in grey levels, shape (N, L).
            message: What is going to be written, in cycles, shape (N, D).
            images: The covers, shape (N, 3, H, W), range [0, 1].

        Returns:
            Samples of the same shape.
        """

    def keys(self, versions: Sequence[Tensor]) -> list[bytes]:
        """Return the key of each of N containers, 32 bytes, from one or more versions of their samples (N, L)."""


class LastBits:
    """A nonce in the last bits of samples that come back unchanged: 128 bits, so that no two are ever the same.

    Args:
        key: Of the channel, 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self.key = key

    def room(self, samples: int) -> int:
        """See `Nonce`."""
        _stride(samples)
        return samples - NONCE_SAMPLES

    def beside(self, numbers: Tensor, samples: int) -> Tensor:
        """See `Nonce`.

        Example:
            >>> LastBits(bytes(32)).beside(torch.tensor([0, 1, 2, 255]), 3 * 128)
            tensor([  1,   2,   4, 383])
        """
        gap = _stride(samples) - 1  # samples between one of the nonce and the next
        return numbers + 1 + (numbers // gap).clamp(max=NONCE_SAMPLES - 1)

    def write(self, samples: Tensor, message: Tensor, images: Tensor) -> Tensor:
        """See `Nonce`; the nonce's samples become whole numbers, and no gradient passes through them."""
        levels = _levels(samples)
        words = message.detach().float().cpu().numpy()
        bits = [
            drawn_bits(self.key, row.tobytes() + word.tobytes(), NONCE_SAMPLES)
            for row, word in zip(levels, words, strict=True)
        ]
        salted = torch.from_numpy(levels & 0xFE | np.stack(bits)).to(samples)
        result = samples.clone()
        result[:, _places(samples.shape[1])] = salted
        return result

    def keys(self, versions: Sequence[Tensor]) -> list[bytes]:
        """See `Nonce`."""
        return [draw(self.key, "key", row.tobytes(), 32) for row in _levels(versions[0])]


def draw(key: bytes, purpose: str, content: bytes, count: int) -> bytes:
    """Return as many bytes of SHAKE-256, for one purpose."""
    return hashlib.shake_256(b"miais nonce\0" + key + purpose.encode() + b"\0" + content).digest(count)


def drawn_bits(key: bytes, content: bytes, count: int) -> np.ndarray:
    """Return a nonce's bits, 0 or 1, a multiple of eight of them."""
    return np.unpackbits(np.frombuffer(draw(key, "bits", content, count // 8), np.uint8))


def _places(samples: int) -> slice:
    stride = _stride(samples)
    return slice(0, NONCE_SAMPLES * stride, stride)


def _stride(samples: int) -> int:
    if samples < 2 * NONCE_SAMPLES:
        raise ValueError(
            f"the cover has {samples} samples to hide in, and {2 * NONCE_SAMPLES} are the least; use a larger cover"
        )
    return samples // NONCE_SAMPLES


def _levels(samples: Tensor) -> np.ndarray:
    nonce = samples.detach()[:, _places(samples.shape[1])]
    return nonce.round().clamp(0, 255).to(torch.uint8).cpu().numpy()
