"""A message on the fine scale of a picture's samples, where the picture itself does not disturb it.

Of a sample only its place between two multiples of a step counts: its phase. Whoever writes knows the cover and moves
each sample to the nearest value with the phase wanted, by half a step at most, whatever the cover shows there; whoever
reads needs no cover. This is quantisation index modulation with a continuous message. Seen as a network's first layer,
cosine and sine of the phase are what clipped high-pass residues are a rough sketch of.

References:
    Chen & Wornell, Quantization index modulation, IEEE Transactions on Information Theory 47(4), 2001.
"""

import math

import torch
from torch import Tensor

from miais.networks.lattice.keyed_slots import Slots

_WHITE = 255.0


def write_symbols(
    samples: Tensor, symbols: Tensor, slots: Slots, step: float, *, strength: float = 1.0, whole: bool = False
) -> Tensor:
    """Move samples to the phases of a message.

    Args:
        samples: Of N pictures, in grey levels, shape (N, L).
        symbols: The message in cycles, shape (N, D); only its place between two integers counts.
        slots: Where each symbol goes, R places each, in every picture its own or in all the same: shape (N or 1, R, D).
        step: Length of a cycle, in grey levels.
        strength: Share of the way that a sample moves; 0 leaves it where it is.
        whole: Give whole numbers in [0, 255]. A place makes up for the rounding of those before it, so that the mean
            phase of a symbol comes out as wanted.

    Returns:
        Samples, shape (N, L); the gradient by the symbols is that of the moves without rounding.
    """
    written = samples.detach().clone()
    positions = slots.positions.expand(len(samples), -1, -1)
    missed = torch.zeros_like(symbols)
    with torch.no_grad():
        for places, offsets in zip(positions.unbind(1), slots.offsets.unbind(1), strict=True):
            here = written.gather(1, places)
            move = _shortest((symbols + offsets) * step + missed - here, step)
            wanted = here + strength * move
            if whole:
                wanted = torch.where(wanted < 0, wanted + step, torch.where(wanted > _WHITE, wanted - step, wanted))
                moved = wanted.round().clamp(0, _WHITE)
                missed = _shortest(wanted - moved, step)
            else:
                moved = wanted
            written.scatter_(1, places, moved)
    # Both differences are zero but for their gradients: of an earlier message in other places, and of this one.
    written += samples - samples.detach()
    passed_on = (symbols - symbols.detach())[:, None].expand(positions.shape) * (step * strength)  # (N, R, D)
    return written.scatter_add(1, positions.flatten(1), passed_on.flatten(1))


def read_symbols(samples: Tensor, slots: Slots, step: float) -> Tensor:
    """Read the mean phase of every symbol.

    Args:
        samples: Of N pictures, in grey levels, shape (N, L).
        slots: As when it was written.
        step: As when it was written.

    Returns:
        Cosine and sine, shape (N, D, 2): of length near 1 where the places of a symbol agree, near 0 where nothing
        was written.

    Example:
        >>> from miais.networks.lattice.keyed_slots import keyed_slots, together
        >>> slots = together([keyed_slots(bytes(32), 64, symbols=2, repeats=4)])
        >>> samples = torch.linspace(0, 250, 64)[None].round()
        >>> written = write_symbols(samples, torch.tensor([[0.25, -0.125]]), slots, 4.0)
        >>> cosine, sine = read_symbols(written, slots, 4.0).unbind(dim=2)
        >>> (torch.atan2(sine, cosine) / (2 * torch.pi)).round(decimals=3)
        tensor([[ 0.2500, -0.1250]])
    """
    positions = slots.positions.expand(len(samples), -1, -1)  # (N, R, D)
    values = samples.gather(1, positions.flatten(1)).view(positions.shape)
    angles = (values / step - slots.offsets) * (2 * math.pi)
    return torch.stack([angles.cos().mean(dim=1), angles.sin().mean(dim=1)], dim=-1)


def _shortest(move: Tensor, step: float) -> Tensor:
    """The same move modulo a step, of half a step at most."""
    return move - step * (move / step).round()
