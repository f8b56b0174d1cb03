"""The two textbook ways to hide in last bits, to see whether a detector can learn at all."""

import torch
from torch import Tensor


def replace_last_bits(covers: Tensor, rate: float, random: torch.Generator) -> Tensor:
    """Overwrite last bits with a random message: half of those that are used change.

    Args:
        covers: Bytes, any shape.
        rate: Share of the values that carry a bit, in [0, 1].
        random: Source of the message and its places.

    Returns:
        Bytes, the same shape.

    Raises:
        ValueError: If the covers are not bytes or the rate is outside [0, 1].

    Example:
        >>> covers = torch.arange(8).byte()
        >>> stego = replace_last_bits(covers, 1.0, torch.Generator().manual_seed(0))
        >>> bool((stego // 2 == covers // 2).all())
        True
    """
    used, bits = _message(covers, rate, random)
    return torch.where(used, covers & 0xFE | bits, covers)


def match_last_bits(covers: Tensor, rate: float, random: torch.Generator) -> Tensor:
    """Give values the last bits of a random message by adding or subtracting one at random.

    Arguments, result and errors as `replace_last_bits`.

    References:
        Sharp, An implementation of key-based digital signal steganography, IH 2001.
    """
    used, bits = _message(covers, rate, random)
    up = torch.randint(2, covers.shape, generator=random).bool() | (covers == 0)
    step = torch.where(up & (covers < 255), 1, -1)
    wrong = used & (covers & 1 != bits)
    return torch.where(wrong, covers.short() + step, covers.short()).to(torch.uint8)


def _message(covers: Tensor, rate: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return which values carry a bit, and the bits."""
    if covers.dtype != torch.uint8 or not 0 <= rate <= 1:
        raise ValueError(f"expected bytes and a rate in [0, 1], got {covers.dtype} and {rate}")
    used = torch.rand(covers.shape, generator=random) < rate
    return used, torch.randint(2, covers.shape, generator=random, dtype=torch.uint8)
