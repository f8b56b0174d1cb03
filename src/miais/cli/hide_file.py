"""One secret into one cover, from files to a file."""

from pathlib import Path

import typer

from miais.cli.fidelity import fidelity
from miais.cli.options import RESTORER
from miais.image import read_image, write_png
from miais.system import StegoSystem
from miais.system_folder import bundled_systems


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


def note_if_not_restorable(system: StegoSystem) -> None:
    """Say on stderr that nobody will restore what this system hides: from the container alone it cannot be seen."""
    if system.restorer is not None:
        return
    able = f"--model {RESTORER}" if RESTORER in bundled_systems() else "a multitask system as --model"
    typer.echo(
        f"Note: what {system.card.name} hides can be recognised but not restored; to restore it too, hide with {able}.",
        err=True,
    )
