"""`miais hide`: a secret into a cover, or a folder of secrets into covers."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.options import RECOGNISER, AsJson, KeyFile, Model, check_png_output

EXAMPLES = """\b
Examples:
  miais hide face.jpg holiday.jpg -o container.png
  miais hide face.jpg holiday.jpg -o container.png --model lfw-multi --json
  miais hide faces/ photographs/ -o containers/
"""


def hide(
    secret: Annotated[Path, typer.Argument(metavar="SECRET", help="Picture to hide, or a folder of them.")],
    cover: Annotated[Path, typer.Argument(metavar="COVER", help="Picture of any size to hide it in, or a folder.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="OUT", help="The container, a PNG; for folders a folder.")
    ],
    model: Model = RECOGNISER,
    key_file: KeyFile = None,
    strength: Annotated[
        float, typer.Option(min=0, max=10, help="Factor on the change to the cover; the systems are trained for 1.")
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Hide a secret in a cover, or a folder of secrets.

    The container looks like the cover, has its size, and is a PNG. PSNR (dB) and MS-SSIM are measured from the saved
    file.

    With a folder of secrets, secret i in sorted order goes into cover i mod n in sorted order, as OUT/<its stem>.png,
    and OUT/manifest.jsonl gets a line for each secret. A file that fails is reported and the others go on. The same
    command again does only what is missing. Subfolders are not searched.
    """
    for path in (secret, cover):
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file or folder; check the path")
    if secret.is_dir():
        from miais.cli.hide_folder import hide_folder

        hide_folder(secret, cover, out, model=model, key_file=key_file, strength=strength, as_json=as_json)
        return
    if cover.is_dir():
        raise typer.BadParameter(
            f"{cover} is a folder and SECRET {secret} is not; name one cover, or give a folder of secrets",
            param_hint="COVER",
        )
    check_png_output(out, secret, cover)
    from miais.cli.hide_file import hide_file, note_if_not_restorable
    from miais.cli.load_system import load_system
    from miais.cli.output import print_record

    system = load_system(model, key_file)
    if not as_json:
        note_if_not_restorable(system)
    print_record(hide_file(system, secret, cover, out, strength=strength) | {"model": model}, as_json=as_json)
