"""`miais demo`: everything once, from pictures that come with the installed packages, with a report to look at."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """\b
Examples:
  miais demo
  miais demo --out ~/miais-demo
"""


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where pictures and report go; made if missing.")] = Path(
        "out/demo"
    ),
) -> None:
    """Hide a face in photographs, recognise and restore it.

    All pictures come with the installed packages. DIR/report.html shows them, DIR/report.json has the numbers, each
    measured from the saved files.
    """
    from miais.cli.demo_run import run_demo
    from miais.cli.output import print_table

    report = run_demo(out, announce=lambda step: typer.echo(f"{step} ...", err=True))
    rows = [
        (item.name, item.size, item.recognised.psnr_db, item.recognised.ms_ssim, item.restored.psnr_db)
        for item in report.covers
    ]
    print_table(("cover", "size", "container PSNR, dB", "MS-SSIM", "restored PSNR, dB"), rows)
    same, different = report.same_accepted, report.different_refused
    typer.echo(f"Same person accepted: {same:.0%} of the comparisons. Other people refused: {different:.0%}.")
    for check in report.failed_checks:
        typer.echo(f"Failed: {check.name}: {check.detail}", err=True)
    typer.echo(f"{len(report.checks) - len(report.failed_checks)} of {len(report.checks)} checks passed.")
    typer.echo(f"Report: {(out / 'report.html').resolve()}")
    if report.failed_checks:
        raise typer.Exit(1)
