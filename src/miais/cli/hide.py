"""`miais hide`: a secret into a cover, or a folder of secrets into covers."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.options import RECOGNISER, AsJson, CropFace, FaceDetector, KeyFile, Model, check_png_output

EXAMPLES = """\b
Examples:
  miais hide face.jpg holiday.jpg -o container.png
  miais hide face.jpg holiday.jpg -o container.png --model lfw-multi --json
  miais hide faces/ photographs/ -o containers/
  miais hide face.jpg -o container.png --covers photographs/ --check
  miais hide holiday.jpg cover.jpg -o container.png --crop-face
"""


def hide(
    secret: Annotated[Path, typer.Argument(metavar="SECRET", help="Picture to hide, or a folder of them.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="OUT", help="The container, a PNG; for folders a folder.")
    ],
    cover: Annotated[
        Path | None,
        typer.Argument(metavar="COVER", help="Picture of any size to hide it in, or a folder; not with --covers."),
    ] = None,
    model: Model = RECOGNISER,
    key_file: KeyFile = None,
    strength: Annotated[
        float, typer.Option(min=0, max=10, help="Factor on the change to the cover; the systems are trained for 1.")
    ] = 1.0,
    check: Annotated[
        bool, typer.Option("--check", help="Ask StegExpose about container and cover, and warn if it stands out.")
    ] = False,
    detector: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Ask a trained detector too: the folder that `miais train steganalyser` made."
        ),
    ] = None,
    covers: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Take the cover from this folder that hides best, and no cover twice."),
    ] = None,
    among: Annotated[int, typer.Option(min=1, help="--covers: how many unused ones to try for each secret.")] = 8,
    crop_face: CropFace = False,
    face_detector: FaceDetector = None,
    as_json: AsJson = False,
) -> None:
    """Hide a secret in a cover, or a folder of secrets.

    The container looks like the cover, has its size, and is a PNG. PSNR (dB) and MS-SSIM are measured from the saved
    file.

    With a folder of secrets, secret i in sorted order goes into cover i mod n in sorted order, as OUT/<its stem>.png,
    and OUT/manifest.jsonl gets a line for each secret. A file that fails is reported and the others go on. The same
    command again does only what is missing. Subfolders are not searched.

    --check warns when fewer than 5% of clean pictures score as high as the container. --covers takes, out of --among
    covers of the folder that have never been used, the one whose container stands out least, and writes it down in
    used-covers.jsonl in that folder: with two containers of one cover a stranger sees what differs.

    SECRET is hidden whole, and the systems expect a face that fills it. --crop-face cuts a photograph to its largest
    face first, says where it is, and fails where there is none.
    """
    place = _place(cover, covers)
    for path in (secret, place):
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file or folder; check the path")
    if cover is not None and cover.is_dir() and not secret.is_dir():
        raise typer.BadParameter(
            f"{cover} is a folder and SECRET {secret} is not; name one cover, give a folder of secrets, or choose from "
            f"the folder: --covers {cover}",
            param_hint="COVER",
        )
    if not secret.is_dir():
        check_png_output(out, secret, place)
    from miais.cli.face_option import finder_of
    from miais.cli.hider import Hider, hide_and_print, make_shield
    from miais.cli.load_system import load_system

    def make_hider() -> Hider:
        finder = finder_of(crop_face, face_detector)
        return Hider(load_system(model, key_file), strength, make_shield(check, detector, covers, among), finder)

    if secret.is_dir():
        from miais.cli.hide_folder import hide_folder

        hide_folder(secret, place, out, model=model, make_hider=make_hider, as_json=as_json)
    else:
        hide_and_print(make_hider(), secret, place, out, model=model, as_json=as_json)


def _place(cover: Path | None, covers: Path | None) -> Path:
    """Return the cover, or the folder of covers: one of the two is given."""
    if covers is not None:
        if cover is not None:
            raise typer.BadParameter(f"it takes the cover's place: leave out {cover}", param_hint="--covers")
        if not covers.is_dir():
            raise typer.BadParameter(f"expected a folder of pictures, got {covers}", param_hint="--covers")
        return covers
    if cover is None:
        raise typer.BadParameter(
            "give a picture to hide it in, or a folder to choose from: --covers", param_hint="COVER"
        )
    return cover
