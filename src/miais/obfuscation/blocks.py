"""A picture as square blocks, row by row, and back."""

from torch import Tensor


def split_blocks(images: Tensor, block: int) -> Tensor:
    """Cut pictures into blocks.

    Args:
        images: Shape (N, C, H, W), any type.
        block: Side of a block in pixels.

    Returns:
        Shape (N, B, C, block, block), the blocks of each picture in row-major order.

    Raises:
        ValueError: If a side is no multiple of `block`.

    Example:
        >>> import torch
        >>> split_blocks(torch.arange(8).view(1, 1, 2, 4), 2)[0, :, 0].tolist()
        [[[0, 1], [4, 5]], [[2, 3], [6, 7]]]
    """
    count, channels, height, width = images.shape
    check_sides(height, width, block)
    grid = images.reshape(count, channels, height // block, block, width // block, block)
    return grid.permute(0, 2, 4, 1, 3, 5).flatten(1, 2)


def join_blocks(blocks: Tensor, height: int, width: int) -> Tensor:
    """Put blocks together again.

    Args:
        blocks: As `split_blocks` gives them.
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.

    Returns:
        Shape (N, C, height, width).
    """
    count, _, channels, block, _ = blocks.shape
    grid = blocks.reshape(count, height // block, width // block, channels, block, block)
    return grid.permute(0, 3, 1, 4, 2, 5).reshape(count, channels, height, width)


def check_sides(height: int, width: int, block: int) -> None:
    """Refuse a picture that cannot be cut into whole blocks.

    Raises:
        ValueError: If a side is no multiple of `block`.
    """
    if height % block or width % block:
        fitting = "x".join(str(max(block, side // block * block)) for side in (width, height))
        raise ValueError(
            f"expected sides that are multiples of the block's {block} pixels, got {width}x{height}; resize the "
            f"picture, to {fitting} say, or choose another block"
        )


def check_block(block: int) -> None:
    """Refuse a side below one pixel.

    Raises:
        ValueError: If it is one.
    """
    if block < 1:
        raise ValueError(f"expected a block of at least 1 pixel a side, got {block}")
