"""`miais obfuscate`: visual hiding, and its inverse."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from miais.cli.options import AsJson, check_png_output

EXAMPLES = """\b
Examples:
  python -c 'import secrets; print(secrets.token_hex(32))' > my.key
  miais obfuscate le face.png -o hidden.png --key-file my.key
  miais obfuscate le hidden.png -o face-again.png --key-file my.key --inverse
  miais obfuscate etc faces/ -o hidden/ --key-file my.key --size 256 --set block=8
  miais obfuscate dio-mosaic face.png -o coarse.png --set window=32
"""
# Listed here too: the help must not wait for torch. A test compares them with `obfuscation_methods`.
KeyedMethod = Literal["ccm", "ccm-diffusion", "le", "pbie", "etc", "etc-grey", "ele", "em-hog", "ppfr", "bws"]
KeylessMethod = Literal["dio", "dio-mosaic", "dio-blur"]
KEYLESS = ("dio", "dio-mosaic", "dio-blur")


def obfuscate(
    method: Annotated[Literal[KeyedMethod, KeylessMethod], typer.Argument(metavar="METHOD", help="See above.")],
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="Picture, or a folder of them.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT", help="The result, a PNG; for folders a folder.")],
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", metavar="FILE", help="Your key, 32 bytes or 64 hexadecimal digits."),
    ] = None,
    inverse: Annotated[
        bool, typer.Option("--inverse", help="Undo it: the same method, key and settings give the picture back.")
    ] = False,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one setting of the method; repeat.")
    ] = None,
    size: Annotated[
        int | None, typer.Option(min=1, help="Resize to so many pixels a side first; 256 in the MIAIS paper.")
    ] = None,
    per_image: Annotated[
        bool,
        typer.Option("--per-image", help="A key for each picture, made from yours and its file's name without suffix."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hide from the eye what a picture shows, by one of the methods that MIAIS compares itself with.

    With a key, settings in brackets: ccm, ccm-diffusion (rounds), le (block, flip), pbie (shuffle_channels), etc,
    etc-grey (block), ele (block), em-hog (block, negative_share), ppfr (generator, per_channel, bits, density), bws
    (block, values, per_block_key). Without a key, and without an inverse: dio (P3; threshold, quality), dio-mosaic
    (window), dio-blur (sigma).

    --inverse gives the 8-bit picture back exactly; after etc-grey to within 2 levels. Sides must be multiples of the
    block: use --size, or another block. MSE, PSNR (dB) and MS-SSIM are those of the saved file against the picture.

    With a folder, OUT gets a PNG for each picture, named by its stem. A file that fails is reported and the others go
    on. Subfolders are not searched. These methods keep people from seeing a face, not a determined reader from finding
    it.
    """
    _check_options(method, key_file, inverse, size, per_image)
    if not image.exists():
        raise FileNotFoundError(f"{image}: no such file or folder; check the path")
    if not image.is_dir():
        check_png_output(out, image, harm="change the pixels that the inverse needs")
        if per_image and not inverse and out.stem != image.stem:
            raise typer.BadParameter(
                f"the inverse makes the key from the file's name, so {image.name} must become {image.stem}.png, in "
                f"another folder perhaps; got {out.name}",
                param_hint="-o",
            )
    from miais.cli.obfuscate_run import ObfuscationTask, run_obfuscation
    from miais.cli.obfuscation_methods import make_method
    from miais.keys import read_key

    key = None if key_file is None else read_key(key_file)
    make_method(method, key, settings or [])  # before the first file: are the settings right?
    run_obfuscation(
        ObfuscationTask(method, key, tuple(settings or ()), inverse, size, per_image), image, out, as_json=as_json
    )


def _check_options(method: str, key_file: Path | None, inverse: bool, size: int | None, per_image: bool) -> None:
    if method in KEYLESS:
        for name, given in (("--key-file", key_file is not None), ("--per-image", per_image)):
            if given:
                raise typer.BadParameter(f"{method} has no key: leave it out", param_hint=name)
        if inverse:
            raise typer.BadParameter(
                f"what {method} takes away is gone; of the methods with a key all can be undone", param_hint="--inverse"
            )
    elif key_file is None:
        raise typer.BadParameter(
            f"{method} needs a key; make one with: python -c 'import secrets; print(secrets.token_hex(32))' > FILE",
            param_hint="--key-file",
        )
    if inverse and size is not None:
        raise typer.BadParameter("the inverse works on the hidden picture as it is: leave it out", param_hint="--size")
