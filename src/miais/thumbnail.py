"""A small picture of a container, to know it by."""

from torch import Tensor

from miais.image import encode_png, resize


def thumbnail(container: Tensor, side: int = 96) -> bytes:
    """Shrink a container.

    Args:
        container: Shape (3, H, W), range [0, 1].
        side: Longest side of the result, pixels; less where the container is below twice that size.

    Returns:
        A PNG.

    Raises:
        ValueError: If the shape or the side is not as above.
    """
    if container.ndim != 3 or side < 1:
        raise ValueError(f"expected one container (3, H, W) and a positive side, got {tuple(container.shape)}, {side}")
    height, width = container.shape[1:]
    # At most half: at its full size it would be the container itself, with all that it hides.
    scale = min(0.5, side / max(height, width))
    return encode_png(resize(container, (max(1, round(scale * height)), max(1, round(scale * width)))))
