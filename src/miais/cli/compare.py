"""`miais compare`: how close two pictures are."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.options import AsJson

EXAMPLES = """\b
Examples:
  miais compare container.png cover.jpg
  miais compare container.png cover.jpg --json | python -m json.tool
"""


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A picture, such as a container.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="One of the same size, such as its cover.")],
    as_json: AsJson = False,
) -> None:
    """Measure how close two pictures of one size are.

    MSE of pixels in [0, 1], PSNR in dB, and MS-SSIM: `ms_ssim` is the standard definition, `ms_ssim_miais` that of the
    MIAIS authors' code.
    """
    from miais.cli.fidelity import full_fidelity
    from miais.cli.output import print_record
    from miais.image import read_image

    image, reference = read_image(a), read_image(b)
    if image.shape != reference.shape:
        sizes = [f"{picture.shape[2]}x{picture.shape[1]}" for picture in (image, reference)]
        raise ValueError(
            f"expected two pictures of one size, got {a} of {sizes[0]} and {b} of {sizes[1]} pixels; resize one of them"
        )
    print_record(full_fidelity(image, reference), as_json=as_json)
