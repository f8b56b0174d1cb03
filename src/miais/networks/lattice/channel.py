"""The channel that generator, classifiers and restorer of a lattice system share: carrier, key and places."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from miais.networks.lattice.alternatives import PlaceSets, best_set, drawn_sets, place_sets
from miais.networks.lattice.keyed_slots import KEY_BYTES, Slots, keyed_slots, together
from miais.networks.lattice.nonce import container_keys, positions_beside_nonce, room_beside_nonce, with_nonce
from miais.networks.lattice.phases import read_symbols, write_symbols
from miais.networks.lattice.pixel_carrier import PixelCarrier
from miais.networks.lattice.spectrum_carrier import SpectrumCarrier

_COARSE = 3
"""The set of places shows in every third of a carrier's versions, and trying all sets takes long."""


class LatticeChannel(nn.Module):
    """Carries messages in pictures of any size that has room for them.

    Args:
        repeats: Places of each symbol, at most.
        key: 64 hexadecimal digits, 32 bytes.
        carrier: "pixels" or "spectrum".
        step: Length of a cycle in grey levels.
        skip: Places that other messages under the same key have.
        alternatives: Sets of places, see `place_sets`, of a carrier that has no room for a nonce; 1 gives all
            containers of a key the same places.
    """

    def __init__(
        self,
        *,
        repeats: int,
        key: str,
        carrier: Literal["pixels", "spectrum"] = "pixels",
        step: float = 4.0,
        skip: int = 0,
        alternatives: int = 1,
    ) -> None:
        super().__init__()
        try:
            self.key = bytes.fromhex(key)
        except (ValueError, TypeError):  # no digits, or no text at all, such as the key that a recipe leaves open
            self.key = b""
        if len(self.key) != KEY_BYTES:
            found = f"{len(key)} characters" if isinstance(key, str) else type(key).__name__
            raise ValueError(f"expected a key of {2 * KEY_BYTES} hexadecimal digits, got {found}")
        if carrier not in ("pixels", "spectrum"):
            raise ValueError(f"expected the carrier 'pixels' or 'spectrum', got {carrier!r}")
        self.repeats, self.skip, self.alternatives = repeats, skip, alternatives
        if alternatives < 1 or (carrier == "pixels" and alternatives > 1):
            raise ValueError(
                f"expected 1 set of places, or more with the carrier 'spectrum', got {alternatives} with {carrier!r}"
            )
        self.carrier = SpectrumCarrier(step) if carrier == "spectrum" else PixelCarrier(step)

    def room(self, samples: int) -> int:
        """Return how many samples of a picture the message may use."""
        return max(0, self._room_of_all(samples) - self.skip)

    def _room_of_all(self, samples: int) -> int:
        """Return how many samples all messages may use together."""
        return room_beside_nonce(samples) if self.carrier.whole else samples

    def _own_places(self, samples: Tensor, symbols: int) -> Slots:
        """Return the places of a message in whole samples of shape (N, L), by the nonce among them."""
        room = self._room_of_all(samples.shape[1])
        keys = container_keys(samples, self.key)
        slots = together([keyed_slots(key, room, symbols, self.repeats, self.skip) for key in keys])
        return Slots(positions_beside_nonce(slots.positions, samples.shape[1]), slots.offsets).to(samples.device)

    def _sets(self, samples: Tensor, symbols: int) -> PlaceSets:
        """Return all sets of places of a message in other samples."""
        room = self._room_of_all(samples.shape[1])
        return place_sets(self.key, room, symbols, self.repeats, self.skip, self.alternatives).to(samples.device)

    def write(self, message: Tensor, images: Tensor, *, strength: float = 1.0) -> Tensor:
        """Write messages into images.

        Args:
            message: In cycles, shape (N, D).
            images: Shape (N, 3, H, W), range [0, 1].
            strength: Share of the way that each sample moves; at 0 the images stay as they are.

        Returns:
            The images, shape (N, 3, H, W), range [0, 1].

        Raises:
            ValueError: If the images have too few samples.
        """
        with _in_full_precision(images):
            samples = self.carrier.samples(images)
            if self.carrier.whole:
                if strength and not self.skip:  # a message beside another one goes by the nonce of that one
                    samples = with_nonce(samples, message, self.key)
                slots = self._own_places(samples, message.shape[1])
            else:
                drawn = drawn_sets(images, message, self.key, self.alternatives)
                slots = self._sets(samples, message.shape[1]).slots.of(drawn)
            written = write_symbols(
                samples, message.float(), slots, self.carrier.step, strength=strength, whole=self.carrier.whole
            )
            return self.carrier.put(images, written)

    def read(self, images: Tensor, symbols: int) -> Tensor:
        """Read the mean phases of a message of D symbols: cosine and sine, shape (N, D, 2).

        Of the carrier's versions of an image, and of the sets of places, those count under which the places of a symbol
        agree best.

        Raises:
            ValueError: If the images have too few samples.
        """
        with _in_full_precision(images):
            versions = self.carrier.versions(images)
            if self.carrier.whole:
                return read_symbols(versions[0], self._own_places(versions[0], symbols), self.carrier.step)
            sets = self._sets(versions[0], symbols)
            which = _best([best_set(each, sets, self.carrier.step) for each in versions[::_COARSE]])
            slots = sets.slots.of(which)
            tries = [read_symbols(each, slots, self.carrier.step) for each in versions]
            return _best([(waves.detach().square().sum(dim=(1, 2)), waves) for waves in tries])


def _best(tries: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Take for each picture, out of pairs of agreement (N,) and finding (N, ...), the finding that agrees best."""
    agreement, findings = (torch.stack(column) for column in zip(*tries, strict=True))
    best = agreement.argmax(dim=0)
    return findings[best, torch.arange(len(best), device=best.device)]


def _in_full_precision(images: Tensor) -> torch.autocast:
    """Phases need more digits than the numbers that autocast would take."""
    return torch.autocast(images.device.type, enabled=False)
