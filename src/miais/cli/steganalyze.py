"""`miais steganalyze`: does a picture look as if it hides something."""

from pathlib import Path
from typing import Annotated

import typer

from miais.cli.options import AsJson

EXAMPLES = """\b
Examples:
  miais steganalyze container.png cover.png
  miais steganalyze containers/ --csv scores.csv
  miais steganalyze containers/ --json | grep '"stego": true'
  miais steganalyze containers/ --detector runs/steganalyser/detector
"""


def steganalyze(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Pictures, or folders of them.")],
    detector: Annotated[
        str,
        typer.Option(metavar="stegexpose|DIR", help="What looks at them; a folder of `miais train steganalyser`."),
    ] = "stegexpose",
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="A picture counts as stego above it.", show_default="0.2; of a trained detector 0.5"
        ),
    ] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="Stop at a picture once the mean so far is below the threshold.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes.", show_default="1, and for many pictures one per core")
    ] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the scores to this file as well.")] = None,
    as_json: AsJson = False,
) -> None:
    """Score pictures: how much seems to be hidden in them.

    StegExpose: primary sets, sample pairs and RS analysis estimate the length of a message in the last bits, relative
    to one bit in every sample; chi-square is a probability; fused is the mean of those that have an answer, and above
    the threshold a picture counts as stego. The numbers are those of the real tool, to the last bit but for chi-square
    (1e-9). "-" or null: no answer, as for chi-square below about 300x300 pixels.

    A trained detector: score is how likely it thinks that something is hidden, and clean_X beside it the share of clean
    pictures of the source X that score as much or more.

    Folders are not searched below their first level. A file that cannot be read gets an error line, the others go on,
    and the exit code is 1.
    """
    from miais.cli.steganalyze_run import run_steganalysis

    if detector == "stegexpose":
        from miais.cli.steganalyze_stegexpose import StegExposeJudge
        from miais.steganalysis.stegexpose.report import DEFAULT_THRESHOLD

        limit = DEFAULT_THRESHOLD if threshold is None else threshold
        run_steganalysis(images, StegExposeJudge(limit, fast, workers), csv=csv, as_json=as_json)
        return
    for name, given in (("--fast", fast), ("--workers", workers is not None)):
        if given:
            raise typer.BadParameter("a trained detector does not heed it: leave it out", param_hint=name)
    from miais.cli.steganalyze_detector import DetectorJudge

    run_steganalysis(images, DetectorJudge(Path(detector), threshold), csv=csv, as_json=as_json)
