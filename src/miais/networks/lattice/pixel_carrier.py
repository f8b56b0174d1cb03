"""Every value of every pixel as a place for a message: room for the most, and lost with the first JPEG."""

from torch import Tensor, nn

_LEVELS = 255.0


class PixelCarrier(nn.Module):
    """A picture's samples are its values.

    Args:
        step: Length of a cycle in grey levels, above 1.
    """

    whole = True
    """In an 8-bit file the samples are whole numbers."""

    def __init__(self, step: float = 4.0) -> None:
        super().__init__()
        if not 1 < step <= 128:
            raise ValueError(f"expected a step above 1 and up to 128 grey levels, got {step}")
        self.step = step

    def samples(self, images: Tensor) -> Tensor:
        """Return the samples, shape (N, L), in grey levels."""
        return images.float().flatten(1) * _LEVELS

    def put(self, images: Tensor, samples: Tensor) -> Tensor:
        """Return the images with other samples."""
        return (samples / _LEVELS).reshape(images.shape)

    def versions(self, images: Tensor) -> list[Tensor]:
        """Return the samples as a reader should try them."""
        return [self.samples(images)]
