"""What every peer asks of its images."""

from torch import Tensor


def check_images(name: str, images: Tensor, *, step: int = 1, least: int = 1) -> None:
    """Refuse what is no batch of RGB images, or has sides that the networks cannot take.

    Args:
        name: What the images are, for the message.
        images: To be of shape (N, 3, H, W).
        step: H and W must be multiples of it.
        least: The smallest H and W.

    Raises:
        TypeError: If they are not floating point.
        ValueError: If the shape is another; names the nearest size that works.
    """
    if not images.is_floating_point():
        raise TypeError(f"expected a floating-point {name} in [0, 1], got {images.dtype}; divide 8-bit pixels by 255")
    if images.dim() != 4 or images.shape[1] != 3 or images.numel() == 0:
        raise ValueError(
            f"expected a {name} of shape (N, 3, H, W), got {tuple(images.shape)}; one image is image[None]"
        )
    height, width = images.shape[-2:]
    near = [max(side // step, -(-least // step)) * step for side in (height, width)]
    if near != [height, width]:
        wanted = f"multiples of {step}" if step > 1 else f"at least {least}"
        raise ValueError(
            f"expected a {name} whose sides are {wanted}, got {height}x{width}; crop or resize to {near[0]}x{near[1]}"
        )


def check_pair(secret: Tensor, cover: Tensor, *, step: int = 1) -> None:
    """Refuse a secret and a cover that do not fit each other or the networks.

    Args:
        secret: To be of shape (N, 3, H, W).
        cover: To be of the same shape.
        step: H and W must be multiples of it.

    Raises:
        TypeError: If one is not floating point.
        ValueError: If a shape is another.
    """
    check_images("secret", secret, step=step)
    check_images("cover", cover, step=step)
    if secret.shape != cover.shape:
        raise ValueError(
            f"expected secret and cover of one shape, got {tuple(secret.shape)} and {tuple(cover.shape)}; resize one"
        )
