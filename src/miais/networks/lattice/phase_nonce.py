"""A nonce for samples that survive the road, but not to the last bit: phases half a cycle apart.

Each bit stands in several places, under zeros drawn from the key. JPEG, blur and rescaling move a low frequency by a
small part of a cycle, so the bits arrive where a message of finer phases still does.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from miais.networks.lattice.keyed_slots import KEY_BYTES, Slots, keyed_slots, together
from miais.networks.lattice.nonce import draw, drawn_bits
from miais.networks.lattice.phases import read_symbols, write_symbols

_BITS, _REPEATS = 24, 3
"""Among a million containers of one key one in seventeen shares its places with another, and nobody learns from two.
Each sample costs fidelity; with three a bit, JPEG at quality 50, blur and half size flip none."""
_SAMPLES = _BITS * _REPEATS
_FINE = 64.0
"""Messages are told apart by this share of a cycle: the last digits depend on the batch that a message came in."""


class PhaseNonce:
    """A `Nonce` of 24 bits, in three samples each.

    Args:
        key: Of the channel, 32 bytes.
        step: Length of a cycle, in grey levels.
    """

    def __init__(self, key: bytes, step: float) -> None:
        self.key, self.step = key, step

    def room(self, samples: int) -> int:
        """See `Nonce`."""
        self._slots(samples)
        return samples - _SAMPLES

    def beside(self, numbers: Tensor, samples: int) -> Tensor:
        """See `Nonce`."""
        taken = self._slots(samples).positions.flatten().sort().values
        free_before = taken - torch.arange(len(taken))
        return numbers + torch.searchsorted(free_before, numbers, right=True)

    def write(self, samples: Tensor, message: Tensor, images: Tensor) -> Tensor:
        """See `Nonce`."""
        covers = (images.detach() * 255).round().to(torch.uint8).cpu().numpy()
        words = (message.detach().float() * _FINE).round().to(torch.int16).cpu().numpy()
        bits = [
            drawn_bits(self.key, cover.tobytes() + word.tobytes(), _BITS)
            for cover, word in zip(covers, words, strict=True)
        ]
        halves = torch.from_numpy(np.stack(bits)).to(samples) / 2
        return write_symbols(samples, halves, self._of_all(samples), self.step)

    def keys(self, versions: Sequence[Tensor]) -> list[bytes]:
        """See `Nonce`: of the versions, the one counts in which the places of a bit agree best."""
        cosines = torch.stack([read_symbols(each, self._of_all(each), self.step)[..., 0] for each in versions])
        best = cosines.square().sum(dim=2).argmax(dim=0)
        chosen = cosines[best, torch.arange(len(best), device=best.device)]
        bits = np.packbits((chosen < 0).cpu().numpy(), axis=1)
        return [draw(self.key, "key", row.tobytes(), KEY_BYTES) for row in bits]

    def _of_all(self, samples: Tensor) -> Slots:
        return together([self._slots(samples.shape[1])]).to(samples.device)

    def _slots(self, samples: int) -> Slots:
        if samples < 2 * _SAMPLES:
            raise ValueError(f"expected at least {2 * _SAMPLES} frequencies to hide in, got {samples}")
        return keyed_slots(draw(self.key, "places", b"", KEY_BYTES), samples, _BITS, _REPEATS)
