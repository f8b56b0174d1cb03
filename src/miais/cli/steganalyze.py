"""`miais steganalyze`: does a picture look as if it hides something."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from miais.cli.options import AsJson

EXAMPLES = """\b
Examples:
  miais steganalyze container.png cover.png
  miais steganalyze containers/ --csv scores.csv
  miais steganalyze containers/ --json | grep '"stego": true'
"""


def steganalyze(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Pictures, or folders of them.")],
    detector: Annotated[Literal["stegexpose"], typer.Option(help="What looks at them.")] = "stegexpose",
    threshold: Annotated[float, typer.Option(min=0, max=1, help="A picture counts as stego above it.")] = 0.2,
    fast: Annotated[
        bool, typer.Option("--fast", help="Stop at a picture once the mean so far is below the threshold.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes.", show_default="1, and for many pictures one per core")
    ] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the scores to this file as well.")] = None,
    as_json: AsJson = False,
) -> None:
    """Score pictures with StegExpose: how much seems to be hidden in their last bits.

    Primary sets, sample pairs and RS analysis estimate a message's length, relative to one bit in every sample;
    chi-square is a probability; fused is the mean of those that have an answer, and above the threshold a picture
    counts as stego. The numbers are those of the real tool, to the last bit but for chi-square (1e-9). "-" or null: no
    answer, as for chi-square below about 300x300 pixels.

    Folders are not searched below their first level. A file that cannot be read gets an error line, the others go on,
    and the exit code is 1.
    """
    from miais.cli.steganalyze_run import run_stegexpose

    del detector  # there is one
    run_stegexpose(images, threshold=threshold, fast=fast, workers=workers, csv=csv, as_json=as_json)
