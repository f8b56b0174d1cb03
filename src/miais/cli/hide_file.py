"""One secret into one cover, from files to a file."""

from pathlib import Path

import typer

from miais.cli.face_option import face_facts
from miais.cli.fidelity import fidelity
from miais.cli.options import RESTORER
from miais.framing import Framed
from miais.image import read_image, write_png
from miais.system import StegoSystem
from miais.system_folder import bundled_systems


def hide_file(
    system: StegoSystem,
    secret: Path,
    cover: Path,
    container: Path,
    *,
    strength: float = 1.0,
    framed: Framed | None = None,
) -> dict[str, object]:
    """Hide a secret, save the container and measure the saved file.

    Args:
        system: What hides.
        secret: A picture.
        cover: A picture of any size.
        container: Where to write, ending in `.png`.
        strength: Factor on the change to the cover.
        framed: The face in the secret, to hide only that; None to hide the whole secret.

    Returns:
        `secret`, `cover`, `container`, `psnr_db`, `ms_ssim`, perhaps `reason`, `size` (width and height) and
        `strength`; of a framed secret also what `face_facts` says.

    Raises:
        FileNotFoundError: If a picture or the container's folder is missing.
        ImageError: If a picture cannot be read or the container not be written.
    """
    picture = read_image(cover)
    hidden = read_image(secret) if framed is None else framed.image
    write_png(container, system.hide(hidden, picture, strength=strength))
    return {
        "secret": str(secret),
        "cover": str(cover),
        "container": str(container),
        **fidelity(read_image(container), picture),
        "size": [picture.shape[2], picture.shape[1]],
        "strength": strength,
        **({} if framed is None else face_facts(framed)),
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
