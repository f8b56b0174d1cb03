"""An attacker who knows how a lattice works, its carrier and its step, but not the key: a linear reader of all phases.

Where all containers of a key have the same places and zeros, each component of an embedding is nearly a linear function
of the cosines and sines of the phases there, whichever places these are; ridge regression finds it from pairs. It finds
nothing where each container has places of its own.
"""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from sklearn.kernel_ridge import KernelRidge
from torch import Tensor

from miais.experiments.privacy.containers import BATCH, Report
from miais.image import from_uint8
from miais.networks.lattice.channel import LatticeChannel
from miais.system import StegoSystem

_MOST_BYTES = 2 * 2**30
_BLOCK = 4096
_HELD_OUT = 0.1
_RIDGES = tuple(10.0**power for power in range(-4, 3))
"""Tried on held-out pairs, as shares of the mean squared length of the features."""


def channel_of(system: StegoSystem) -> LatticeChannel | None:
    """Return the channel that a system's generator writes the identity through; None if it has none."""
    parts = system.generator.modules()
    return next((part for part in parts if isinstance(part, LatticeChannel)), None)


class PhaseReader:
    """From containers to embeddings, by ridge regression on the phases of all samples.

    Args:
        channel: Whose carrier and step are known; the key is not looked at.
        containers: Of the pairs, uint8, shape (N, 3, H, W); the first ones are taken, as many as fit into 2 GiB.
        embeddings: Unit vectors of their secrets, shape (N, D).
        report: Told how far it is.

    Attributes:
        pairs: Number of pairs learnt from.

    Raises:
        ValueError: If there are fewer than ten pairs.
    """

    def __init__(self, channel: LatticeChannel, containers: Tensor, embeddings: Tensor, report: Report) -> None:
        if len(containers) < 10:
            raise ValueError(f"expected at least 10 pairs, got {len(containers)}")
        self.carrier, self.report = channel.carrier, report
        bytes_each = 4 * self.carrier.samples(from_uint8(containers[:1])).shape[1]
        self.pairs = min(len(containers), _MOST_BYTES // bytes_each)
        self._samples, self._embeddings = self._of(containers[: self.pairs]), embeddings[: self.pairs]
        kernel = self._kernel(self._samples)
        self._fit = _fitted(kernel, self._embeddings, self._best_ridge(kernel))

    def embed(self, containers: Tensor) -> Tensor:
        """Return what is read from containers, unit vectors, shape (N, D)."""
        return _unit(self._fit.predict(self._kernel(self._of(containers)).numpy()))

    def _best_ridge(self, kernel: Tensor) -> float:
        """Return the ridge with which pairs that are held out come out nearest to their embeddings."""
        size, count = float(kernel.trace() / len(kernel)), max(2, round(_HELD_OUT * len(kernel)))

        def likeness(ridge: float) -> float:
            fit = _fitted(kernel[count:, count:], self._embeddings[count:], ridge)
            read = _unit(fit.predict(kernel[:count, count:].numpy()))
            return float((read * self._embeddings[:count]).sum())

        return max((size * share for share in _RIDGES), key=likeness)

    def _of(self, containers: Tensor) -> Tensor:
        return torch.cat([self.carrier.samples(from_uint8(part)) for part in containers.split(BATCH)])

    def _kernel(self, samples: Tensor) -> Tensor:
        """Return the products of features with those of the pairs, shape (N, pairs), both less the pairs' mean."""
        kernel = torch.zeros(len(samples), self.pairs)
        for mine, theirs in self._features(samples):
            mean = theirs.mean(dim=0)
            kernel += (mine - mean) @ (theirs - mean).T
        return kernel

    def _features(self, samples: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield cosines and sines of some samples after others: of these containers, and of the pairs."""
        columns = samples.shape[1]
        for start in range(0, columns, _BLOCK):
            part = slice(start, start + _BLOCK)
            angles = (2 * math.pi / self.carrier.step * each[:, part] for each in (samples, self._samples))
            mine, theirs = (torch.cat([angle.cos(), angle.sin()], dim=1) for angle in angles)
            yield mine, theirs
            self.report("phases", min(start + _BLOCK, columns), columns)


def _fitted(kernel: Tensor, embeddings: Tensor, ridge: float) -> KernelRidge:
    return KernelRidge(alpha=ridge, kernel="precomputed").fit(kernel.numpy(), embeddings.numpy())


def _unit(vectors: object) -> Tensor:
    return F.normalize(torch.as_tensor(vectors).float())
