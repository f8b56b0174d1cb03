"""`miais evaluate`: a system's scores on people and covers that it has never seen, from saved files."""

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import typer

from miais.cli.options import AsJson, KeyFile

EXAMPLES = """\b
Examples:
  miais evaluate lfw-single --protocol ../shared/protocol --data-root ../shared/data
  miais evaluate lfw-single --protocol PROTOCOL --data-root DATA --distortion none --distortion jpeg90
  miais evaluate runs/digits/system
"""


class Distortion(Enum):
    """What may happen to a file; an enumeration, since typer takes no list of literals.

    Listed here too: the help must not wait for torch. A test compares them with `miais.distortions`.
    """

    NONE = "none"
    JPEG90 = "jpeg90"
    JPEG75 = "jpeg75"
    JPEG50 = "jpeg50"
    RESIZE0_75 = "resize0.75"
    RESIZE0_5 = "resize0.5"
    CROP0_9 = "crop0.9"
    CROP0_8 = "crop0.8"
    BLUR0_5 = "blur0.5"
    BLUR1 = "blur1"
    NOISE1 = "noise1"
    NOISE2 = "noise2"


COVERS, SECRETS = "covers-imagenet400", "lfw160"


def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A system that comes with miais, or a folder.")],
    key_file: KeyFile = None,
    protocol: Annotated[Path | None, typer.Option(metavar="DIR", help="The protocol's CSV files.")] = None,
    data_root: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder with the sets.")] = None,
    covers: Annotated[
        str | None, typer.Option(metavar="NAME", help="Cover set; its test part is used.", show_default=COVERS)
    ] = None,
    secrets: Annotated[str | None, typer.Option(metavar="NAME", help="Set of faces.", show_default=SECRETS)] = None,
    split: Annotated[Literal["test", "val"], typer.Option(help="val while something is still being chosen.")] = "test",
    distortion: Annotated[
        list[Distortion] | None,
        typer.Option(help="What happens to each file first; several times for several scores.", show_default="none"),
    ] = None,
    keep: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the containers in this folder.")] = None,
    record: Annotated[bool, typer.Option(help="Write the scores into the card of the system's folder.")] = False,
    as_json: AsJson = False,
) -> None:
    """Score a system: fidelity, verification, identification, restoration, and the paired drop against plain secrets.

    Also how well StegExpose tells the containers from their covers. With several --distortion every container is made
    once and scored after each of them; --json prints one line for each.

    Every container is saved as an 8-bit PNG and read again. A system of digits is scored on the bundled digits in
    bundled photographs, so it takes no protocol, data or names of sets.
    """
    from miais.cli.evaluate_run import evaluate_run
    from miais.cli.scoring import Sources

    evaluate_run(
        model,
        key_file,
        Sources(protocol, data_root, covers, secrets),
        split=split,
        distortions=[kind.value for kind in distortion or [Distortion.NONE]],
        keep=keep,
        record=record,
        as_json=as_json,
    )
