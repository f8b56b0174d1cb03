"""One secret into one cover, from files to a file."""

from pathlib import Path

from miais.cli.fidelity import fidelity
from miais.image import read_image, write_png
from miais.system import StegoSystem


def hide_file(
    system: StegoSystem, secret: Path, cover: Path, container: Path, *, strength: float = 1.0
) -> dict[str, object]:
    """Hide a secret, save the container and measure the saved file.

    Args:
        system: What hides.
        secret: A picture.
        cover: A picture of any size.
        container: Where to write, ending in `.png`.
        strength: Factor on the change to the cover.

    Returns:
        `secret`, `cover`, `container`, `psnr_db`, `ms_ssim`, perhaps `reason`, `size` (width and height) and
        `strength`.

    Raises:
        FileNotFoundError: If a picture or the container's folder is missing.
        ImageError: If a picture cannot be read or the container not be written.
    """
    picture = read_image(cover)
    write_png(container, system.hide(read_image(secret), picture, strength=strength))
    return {
        "secret": str(secret),
        "cover": str(cover),
        "container": str(container),
        **fidelity(read_image(container), picture),
        "size": [picture.shape[2], picture.shape[1]],
        "strength": strength,
    }
