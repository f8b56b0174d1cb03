"""`miais train`: a whole run of a recipe, from data to a system."""

from pathlib import Path
from typing import Annotated, Literal

import typer

EXAMPLES = """\b
Examples:
  miais train digits --out runs/digits
  miais train lfw_single --data-root ../shared/data --out runs/lfw --minutes 120
  miais train lfw_single --data-root ../shared/data --resume runs/lfw
  miais train paper_single --data-root ../shared/data --set phase.steps=1000 --set data.batch=8
  miais train lfw_multi --data-root DATA --start-from lfw-single --precision bf16-mixed
"""
# Listed here too: the help must not wait for torch. A test compares them with `miais.recipes`.
RecipeName = Literal[
    "digits",
    "lfw_single",
    "lfw_multi",
    "strong_single",
    "strong_robust",
    "strong_multi",
    "paper_single",
    "paper_multi",
    "paper_baseline",
    "paper_baseline_content",
    "paper_baseline_minimax",
    "official_single",
    "official_multi",
]


def train(
    recipe: Annotated[RecipeName, typer.Argument(metavar="RECIPE", help="Name of a recipe; `digits` needs no data.")],
    data_root: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder with the sets that are not bundled, as folders or zips.")
    ] = None,
    protocol: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The protocol's CSV files; by default `protocol` beside the data."),
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one setting, by its dotted name.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(min=0, help="Stop after so many minutes of training.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the run; by default runs/RECIPE.")] = None,
    resume: Annotated[Path | None, typer.Option(metavar="DIR", help="Go on with the run in this folder.")] = None,
    start_from: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|NAME",
            help="Take the secret classifier of another run, or of a system, instead of training one.",
        ),
    ] = None,
    recognizer: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Take your own recogniser of plain secrets, instead of training one: docs/recognizer.md.",
        ),
    ] = None,
    start_with: Annotated[
        Literal["secret_classifier", "pretraining", "all"],
        typer.Option(
            help="What --start-from takes; pretraining: the secret classifier, to train it further first; all: every "
            "network of a system, to train it further."
        ),
    ] = "secret_classifier",
    devices: Annotated[int, typer.Option(min=1, help="Processes, one for each GPU or, on a CPU, side by side.")] = 1,
    accelerator: Annotated[Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="What computes.")] = "auto",
    precision: Annotated[str, typer.Option(help="32-true or bf16-mixed.")] = "32-true",
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads of each process.")] = None,
) -> None:
    """Train a recipe: the secret classifier on plain secrets, then Algorithm 1; the system ends in OUT/system.

    Ctrl-C saves and stops, with exit code 130; the same command with --resume DIR goes on exactly there. Logs are for
    TensorBoard.
    """
    if out is not None and resume is not None and out.resolve() != resume.resolve():
        raise typer.BadParameter(
            f"a run goes on in its own folder: leave out --out {out}, or give it as --resume too", param_hint="--out"
        )
    if start_with == "all" and start_from is None:
        raise typer.BadParameter("say which system with --start-from", param_hint="--start-with all")
    if start_with == "pretraining" and start_from is None and recognizer is None:
        raise typer.BadParameter("say what to train further with --start-from", param_hint="--start-with pretraining")
    if recognizer is not None and start_from is not None:
        raise typer.BadParameter("a run starts from one of the two: leave out --start-from", param_hint="--recognizer")
    from miais.cli.train_run import train_run

    train_run(
        recipe,
        data_root=data_root,
        protocol=protocol,
        assignments=assignments or [],
        minutes=minutes,
        out=resume or out or Path("runs") / recipe,
        resume=resume is not None,
        start_from=start_from,
        recognizer=recognizer,
        start_with=start_with,
        fabric_arguments={"devices": devices, "accelerator": accelerator, "precision": precision},
        threads=threads,
    )
