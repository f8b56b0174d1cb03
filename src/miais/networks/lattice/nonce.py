"""A key of its own for every container, so that no two of them have their places in common.

With the same places in all containers, whoever collects some dozens sees them: there the phases pile up, elsewhere they
do not. So some samples, always the same ones, are left out of the message and serve as the nonce from which key and
container make the container's own key. Their last bits are drawn from the key, the message and the cover: the same
secret in the same cover gives the same container, and two secrets in one cover do not share their places.

References:
    Rogaway & Shrimpton, A provable-security treatment of the key-wrap problem, EUROCRYPT 2006 (synthetic nonces).
"""

import hashlib

import numpy as np
import torch
from torch import Tensor

NONCE_SAMPLES = 128
"""Each gives a random last bit: by chance no two containers ever share a nonce."""


def room_beside_nonce(samples: int) -> int:
    """Return how many of a picture's samples are left for messages.

    Raises:
        ValueError: If the picture is too small for a nonce and as many others.
    """
    _stride(samples)
    return samples - NONCE_SAMPLES


def positions_beside_nonce(numbers: Tensor, samples: int) -> Tensor:
    """Count the samples of a picture without those of the nonce: from numbers to positions.

    Example:
        >>> positions_beside_nonce(torch.tensor([0, 1, 2, 255]), 3 * 128)
        tensor([  1,   2,   4, 383])
    """
    gap = _stride(samples) - 1  # samples between one of the nonce and the next
    return numbers + 1 + (numbers // gap).clamp(max=NONCE_SAMPLES - 1)


def with_nonce(samples: Tensor, message: Tensor, key: bytes) -> Tensor:
    """Give the nonce's samples their last bits.

    Args:
        samples: Of N pictures, grey levels in [0, 255], shape (N, L).
        message: What is going to be written, shape (N, D).
        key: Of the channel.

    Returns:
        Samples of the same shape; those of the nonce are whole numbers. No gradient passes through these.
    """
    levels = _nonce(samples)
    words = message.detach().float().cpu().numpy()
    bits = [
        np.unpackbits(np.frombuffer(_draw(key, "bits", row.tobytes() + word.tobytes(), NONCE_SAMPLES // 8), np.uint8))
        for row, word in zip(levels, words, strict=True)
    ]
    salted = torch.from_numpy(levels & 0xFE | np.stack(bits)).to(samples)
    result = samples.clone()
    result[:, _places(samples.shape[1])] = salted
    return result


def container_keys(samples: Tensor, key: bytes) -> list[bytes]:
    """Return the key of each container, 32 bytes, from samples as above."""
    return [_draw(key, "key", row.tobytes(), 32) for row in _nonce(samples)]


def _places(samples: int) -> slice:
    stride = _stride(samples)
    return slice(0, NONCE_SAMPLES * stride, stride)


def _stride(samples: int) -> int:
    if samples < 2 * NONCE_SAMPLES:
        raise ValueError(
            f"the cover has {samples} samples to hide in, and {2 * NONCE_SAMPLES} are the least; use a larger cover"
        )
    return samples // NONCE_SAMPLES


def _nonce(samples: Tensor) -> np.ndarray:
    return samples.detach()[:, _places(samples.shape[1])].round().clamp(0, 255).to(torch.uint8).cpu().numpy()


def _draw(key: bytes, purpose: str, content: bytes, count: int) -> bytes:
    return hashlib.shake_256(b"miais nonce\0" + key + purpose.encode() + b"\0" + content).digest(count)
