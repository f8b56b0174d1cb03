"""EM-HOG: block scrambling that leaves each block's histogram of gradients as it is, but for its order."""

from dataclasses import dataclass, field

from torch import Tensor

from miais.obfuscation.scrambled_blocks import BlockScrambling


@dataclass(frozen=True)
class HogEncryption:
    """Move, turn and mirror blocks and invert some of them; colours stay.

    Histograms of gradients taken inside the blocks (`block_hog`) come out in another order, the same for all pictures
    under one key: inner products and distances, and so a support vector machine, do not notice.

    That MIAIS means this publication is inferred from the name that it uses, and the steps from the publication's
    abstract. The MSE in its Table V fits a `negative_share` of about 3/4; its MS-SSIM, 0.23, fits none: with blocks
    that move it stays at 0.39.

    Key draw: see `BlockScrambling`.

    Attributes:
        key: 32 bytes.
        block: Side of a block in pixels; the pictures' sides are multiples of it.
        negative_share: Probability in [0, 1] that a block is inverted.

    Raises:
        TypeError, ValueError: If the key is none, or a number is out of range.

    References:
        Kitayama, Kiya, HOG Feature Extraction from Encrypted Images for Privacy-Preserving Machine Learning, ICCE-Asia
        2019. https://arxiv.org/abs/1904.12434

    Example:
        >>> import torch
        >>> images = torch.arange(48, dtype=torch.uint8).view(3, 4, 4)
        >>> method = HogEncryption(bytes(32), block=2)
        >>> torch.equal(method(images), images), torch.equal(method.inverse(method(images)), images)
        (False, True)
    """

    key: bytes = field(repr=False)
    block: int = 16
    negative_share: float = 0.5

    def __post_init__(self) -> None:
        self._scrambling()

    def __call__(self, images: Tensor) -> Tensor:
        """Hide what the pictures show; bytes, shape (3, H, W) or (N, 3, H, W), as is the result."""
        return self._scrambling().scramble(images)

    def inverse(self, images: Tensor) -> Tensor:
        """Give back exactly what was hidden; the same shapes."""
        return self._scrambling().restore(images)

    def _scrambling(self) -> BlockScrambling:
        return BlockScrambling(self.key, "em-hog", self.block, self.negative_share, shuffle_channels=False)
