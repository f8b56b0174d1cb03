"""CCM, "combined cat map": keyed rounds of a cat map move the pixels; a diffusion may follow.

The paper that MIAIS cites is known to us by its abstract alone, so the details are ours: independent keyed rounds and
offsets instead of one map with a short period and a fixed point. What MIAIS prints for CCM fits the moves alone.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from miais.obfuscation.block_diffusion import diffuse, undo_diffusion
from miais.obfuscation.keyed_draws import check_key, keyed_fractions
from miais.obfuscation.logistic_map import logistic_digits
from miais.obfuscation.pictures import as_batch
from miais.obfuscation.sample_moves import SampleMoves, move_samples, move_samples_back

_WARM_UP = 1000


@dataclass(frozen=True)
class CombinedCatMap:
    """Move all pixels of a picture by cat maps, and perhaps encrypt its blocks one after the other.

    In each round the pixel in column x, row y of an NxN picture goes to column x + p y + r1, row
    q x + (p q + 1) y + r2, modulo N. A picture that is not square is moved by the same two shears, each modulo its own
    side. Red, green and blue move together.

    Key draw: a starting point in (0.1, 0.9) for a logistic map, whose numbers are p, q, r1, r2 of the first round, then
    of the next.

    Attributes:
        key: 32 bytes.
        rounds: Cat maps one after the other, at least 1.
        diffusion: Whether to chain the blocks as well, see `block_diffusion`; the sides are then multiples of 8.

    Raises:
        TypeError, ValueError: If the key is none, or there is no round.

    References:
        Wang, Liu, Zhang, A novel chaotic block image encryption algorithm based on dynamic random growth technique,
        Optics and Lasers in Engineering 66:10-18, 2015. https://doi.org/10.1016/j.optlaseng.2014.08.005

    Example:
        >>> images = torch.arange(48, dtype=torch.uint8).view(3, 4, 4)
        >>> method = CombinedCatMap(bytes(32))
        >>> method(images)[0].tolist()
        [[13, 10, 7, 0], [11, 4, 1, 14], [5, 2, 15, 8], [3, 12, 9, 6]]
        >>> torch.equal(method.inverse(method(images)), images)
        True
    """

    key: bytes = field(repr=False)
    rounds: int = 4
    diffusion: bool = False

    def __post_init__(self) -> None:
        check_key(self.key)
        if self.rounds < 1:
            raise ValueError(f"expected at least 1 round, got {self.rounds}")

    def __call__(self, images: Tensor) -> Tensor:
        """Hide what the pictures show; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        batch = as_batch(images)
        moved = move_samples(batch, _moves(self.key, self.rounds, *batch.shape[-2:]))
        return (diffuse(moved, self.key) if self.diffusion else moved).view(images.shape)

    def inverse(self, images: Tensor) -> Tensor:
        """Give back exactly what was hidden; the same shapes."""
        batch = as_batch(images)
        moved = undo_diffusion(batch, self.key) if self.diffusion else batch
        return move_samples_back(moved, _moves(self.key, self.rounds, *batch.shape[-2:])).view(images.shape)


@lru_cache(maxsize=1)
def _moves(key: bytes, rounds: int, height: int, width: int) -> SampleMoves:
    start = 0.1 + 0.8 * keyed_fractions(key, "ccm start", 1)
    numbers = np.stack(list(logistic_digits(start, skip=_WARM_UP, count=4 * rounds))).reshape(rounds, 4)
    row, column = np.indices((height, width))
    for p, q, right, down in numbers:
        # As two shears, which are bijections on a rectangle too; on a square they make the matrix of the docstring.
        p, right = p % width, right % width
        q, down = q % height, down % height
        column = (column + p * row + right) % width
        row = (row + q * (column - right) + down) % height
    sources = np.empty(height * width, np.int32)
    sources[(row * width + column).ravel()] = np.arange(height * width, dtype=np.int32)
    channels = np.arange(3, dtype=np.int32)[:, None] * (height * width)
    return SampleMoves(torch.from_numpy((channels + sources).ravel()), torch.zeros(3 * height * width).byte())
