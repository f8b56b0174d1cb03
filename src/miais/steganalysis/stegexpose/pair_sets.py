"""The sets X, Y, Z and W of pairs of neighbouring samples, which primary sets and sample pairs both count.

Replacing the least significant bits moves pairs between the sets at rates that depend on the message length, which so
becomes the root of a quadratic equation in the counts. The letters are those of Dumitrescu, Wu and Wang, Detection of
LSB Steganography via Sample Pair Analysis, IEEE Transactions on Signal Processing 51(7), 2003.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PairSets:
    """How many pairs (u, v) lie in each set.

    Attributes:
        pairs: All of them.
        x: v is even and u < v, or v is odd and u > v.
        y: v is even and u > v, or v is odd and u < v.
        z: u = v.
        w: A part of `y` that each detector defines for itself.
    """

    pairs: int
    x: int
    y: int
    z: int
    w: int

    def quadratic(self) -> tuple[float, float, float]:
        """Return a, b, c of the equation a p^2 + b p + c = 0 that the message length p solves.

        Example:
            >>> PairSets(pairs=10, x=3, y=4, z=3, w=1).quadratic()
            (2.0, -4.0, 1.0)
        """
        return 0.5 * (self.w + self.z), float(2 * self.x - self.pairs), float(self.y - self.x)


def count_pair_sets(u: NDArray[np.uint8], v: NDArray[np.uint8], in_w: NDArray[np.bool_]) -> PairSets:
    """Count the pairs in each set.

    Args:
        u: The left or upper samples.
        v: Their neighbours, same shape.
        in_w: What a pair of Y needs to be in W, same shape.

    Returns:
        The counts.

    Example:
        >>> u, v = np.array([[4, 4, 5, 9], [4, 6, 4, 2]], dtype=np.uint8)
        >>> count_pair_sets(u, v, (u ^ v) == 1)
        PairSets(pairs=4, x=1, y=2, z=1, w=1)
    """
    differ = u != v
    in_x = differ & ((u < v) ^ (v & 1).view(np.bool_))
    in_y = differ ^ in_x
    x, y, w = (int(np.count_nonzero(members)) for members in (in_x, in_y, in_y & in_w))
    return PairSets(pairs=u.size, x=x, y=y, z=u.size - x - y, w=w)
