"""`miais evaluate`: a system's scores on people and covers that it has never seen, from saved files."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.options import AsJson

EXAMPLES = """\b
Examples:
  miais evaluate lfw-starter --protocol ../shared/protocol --data-root ../shared/data
  miais evaluate lfw-starter --protocol ../shared/protocol --data-root ../shared/data --distortion jpeg90 --json
  miais evaluate runs/digits/system
"""


def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A system that comes with miais, or a folder.")],
    protocol: Annotated[Path | None, typer.Option(metavar="DIR", help="The protocol's CSV files.")] = None,
    data_root: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder with the sets.")] = None,
    covers: Annotated[
        str, typer.Option(metavar="NAME", help="Cover set; its test part is used.")
    ] = "covers-imagenet400",
    secrets: Annotated[str, typer.Option(metavar="NAME", help="Set of faces.")] = "lfw160",
    split: Annotated[str, typer.Option(help="test, or val while something is still being chosen.")] = "test",
    distortion: Annotated[str | None, typer.Option(metavar="NAME", help="What happens to each file first.")] = None,
    keep: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the containers in this folder.")] = None,
    record: Annotated[bool, typer.Option(help="Write the scores into the card of the system's folder.")] = False,
    as_json: AsJson = False,
) -> None:
    """Score a system: fidelity, verification, identification, restoration, and the paired drop against plain secrets.

    Every container is saved as an 8-bit PNG and read again. A system of digits needs neither protocol nor data.
    """
    from miais.cli.evaluate_run import evaluate_run

    evaluate_run(
        model,
        protocol=protocol,
        data_root=data_root,
        covers=covers,
        secrets=secrets,
        split=split,
        distortion=distortion,
        keep=keep,
        record=record,
        as_json=as_json,
    )
