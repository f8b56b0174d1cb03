"""The channel that generator, classifiers and restorer of a lattice system share: carrier, key and places."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from miais.networks.lattice.keyed_slots import KEY_BYTES, Slots, keyed_slots, together
from miais.networks.lattice.nonce import LastBits, Nonce
from miais.networks.lattice.phase_nonce import PhaseNonce
from miais.networks.lattice.phases import read_symbols, write_symbols
from miais.networks.lattice.pixel_carrier import PixelCarrier
from miais.networks.lattice.spectrum_carrier import SpectrumCarrier


class LatticeChannel(nn.Module):
    """Carries messages in pictures of any size that has room for them.

    Args:
        repeats: Places of each symbol, at most.
        key: 64 hexadecimal digits, 32 bytes.
        carrier: "pixels" or "spectrum".
        step: Length of a cycle in grey levels.
        skip: Places that other messages under the same key have.
    """

    def __init__(
        self,
        *,
        repeats: int,
        key: str,
        carrier: Literal["pixels", "spectrum"] = "pixels",
        step: float = 4.0,
        skip: int = 0,
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
        self.repeats, self.skip = repeats, skip
        self.carrier = SpectrumCarrier(step) if carrier == "spectrum" else PixelCarrier(step)

    @property
    def nonce(self) -> Nonce:
        """The carrier's kind of nonce, under the key of now: a user may give a loaded channel another one."""
        return LastBits(self.key) if self.carrier.whole else PhaseNonce(self.key, self.carrier.step)

    def room(self, samples: int) -> int:
        """Return how many samples of a picture the message may use."""
        return max(0, self.nonce.room(samples) - self.skip)

    def _places(self, versions: Sequence[Tensor], symbols: int) -> Slots:
        """Return the places of a message in N pictures, by their nonces; versions of their samples, each (N, L)."""
        samples = versions[0].shape[1]
        room = self.nonce.room(samples)
        keys = self.nonce.keys(versions)
        slots = together([keyed_slots(key, room, symbols, self.repeats, self.skip) for key in keys])
        return Slots(self.nonce.beside(slots.positions, samples), slots.offsets).to(versions[0].device)

    def write(self, message: Tensor, images: Tensor, *, strength: float = 1.0) -> Tensor:
        """Write messages into images.

        Args:
            message: In cycles, shape (N, D).
            images: Shape (N, 3, H, W), range [0, 1].
            strength: Share of the way that each sample of the message moves; those of the nonce move all of it. At 0
                the images stay as they are.

        Returns:
            The images, shape (N, 3, H, W), range [0, 1].

        Raises:
            ValueError: If the images have too few samples.
        """
        with _in_full_precision(images):
            samples = self.carrier.samples(images)
            if strength and not self.skip:  # a message beside another one goes by the nonce of that one
                samples = self.nonce.write(samples, message, images)
            slots = self._places([samples], message.shape[1])
            written = write_symbols(
                samples, message.float(), slots, self.carrier.step, strength=strength, whole=self.carrier.whole
            )
            return self.carrier.put(images, written)

    def read(self, images: Tensor, symbols: int) -> Tensor:
        """Read the mean phases of a message of D symbols: cosine and sine, shape (N, D, 2).

        Of the carrier's versions of an image, that one counts for a message in which the places of a symbol agree best.

        Raises:
            ValueError: If the images have too few samples.
        """
        with _in_full_precision(images):
            return self._read(images, symbols)[0]

    def evidence(self, images: Tensor, symbols: int) -> Tensor:
        """Say how much better the places of a message agree than chance has it, in standard deviations, shape (N,).

        Where nothing was written under this key the phases are uniform, whatever the picture shows, as the zeros of the
        places are drawn from the key. The squared length of the mean of R such phases has the mean 1 / R and the
        variance (1 - 1 / R) / R^2; this is the mean over D symbols. NaN where each symbol has one place alone.

        Raises:
            ValueError: If the images have too few samples.
        """
        with _in_full_precision(images):
            waves, repeats = self._read(images, symbols)
            if repeats == 1:
                return waves.new_full((len(waves),), float("nan"))
            lengths = waves.square().sum(dim=2).mean(dim=1)
            return (lengths - 1 / repeats) * repeats * (symbols / (1 - 1 / repeats)) ** 0.5

    def _read(self, images: Tensor, symbols: int) -> tuple[Tensor, int]:
        """Read a message, and say how many places each symbol has."""
        versions = self.carrier.versions(images)
        slots = self._places(versions, symbols)
        tries = torch.stack([read_symbols(each, slots, self.carrier.step) for each in versions])  # (V, N, D, 2)
        best = tries.detach().square().sum(dim=(2, 3)).argmax(dim=0)
        return tries[best, torch.arange(len(best), device=best.device)], slots.positions.shape[-2]


def _in_full_precision(images: Tensor) -> torch.autocast:
    """Phases need more digits than the numbers that autocast would take."""
    return torch.autocast(images.device.type, enabled=False)
