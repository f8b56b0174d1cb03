"""`miais train`: a whole run of a recipe, from data to a system."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from miais.cli.evaluate import COVERS

EXAMPLES = """\b
Examples:
  miais train digits --out runs/digits
  miais train lfw_single --data-root ../shared/data --out runs/lfw --minutes 120
  miais train lfw_single --data-root ../shared/data --resume runs/lfw
  miais train paper_single --data-root ../shared/data --set phase.steps=1000 --set data.batch=8
  miais train lfw_multi --data-root DATA --start-from lfw-single --precision bf16-mixed
  miais train steganalyser --detector srnet --containers lfw-single --data-root ../shared/data
  miais train steganalyser --containers lsb-matching:0.4 --set image_size=128 --data-root ../shared/data
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
    "peer_hiips",
    "peer_steganogan",
    "peer_hidden",
    "peer_stegnet",
    "peer_hinet",
    "peer_udh",
]
STEGANALYSER = "steganalyser"
Trainable = Literal[RecipeName, "steganalyser"]
_ITS_OPTIONS = ("detector", "containers", "against", "split", "covers", "clean", "pairs")
_NOT_ITS_OPTIONS = ("recognizer", "start_with", "devices")


def train(
    context: typer.Context,
    recipe: Annotated[
        Trainable,
        typer.Argument(
            metavar="RECIPE", help="Name of a recipe; `digits` needs no data, and `steganalyser` trains a detector."
        ),
    ],
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
            help="Take the secret classifier of another run, or of a system, instead of training one; steganalyser: "
            "take the weights of another detector.",
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
    detector: Annotated[
        Literal["yenet", "yenet-batchnorm", "yedroudj", "yedroudj-pytorch", "srnet"],
        typer.Option(help="steganalyser: the network."),
    ] = "yedroudj-pytorch",
    containers: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE",
            help="steganalyser: what to find: a system, a folder of miais hide, lsb-replacement:RATE or "
            "lsb-matching:RATE; repeat.",
        ),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="SOURCE", help="steganalyser: what to try it on, instead of the same; repeat."),
    ] = None,
    split: Annotated[
        Literal["disjoint", "random"],
        typer.Option(
            help="steganalyser: disjoint: no cover and no secret of the test in the training; random: as in the paper.",
        ),
    ] = "disjoint",
    covers: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="steganalyser: sets of covers; repeat.",
            show_default="covers-imagenet400",
        ),
    ] = None,
    clean: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="steganalyser: sets of clean pictures of another source, to see how many it suspects; repeat.",
        ),
    ] = None,
    pairs: Annotated[int, typer.Option(min=10, help="steganalyser: containers of each system.")] = 4000,
) -> None:
    """Train a recipe: the secret classifier on plain secrets, then Algorithm 1; the system ends in OUT/system.

    `steganalyser` trains a detector of containers instead, tries it on pairs that it has not seen, and leaves it in
    OUT/detector. Its settings for --set: image_size, colours, optimizer, pairs (of a batch), phase, seed.

    Ctrl-C saves and stops, with exit code 130; the same command with --resume DIR goes on exactly there. Logs are for
    TensorBoard.
    """
    if out is not None and resume is not None and out.resolve() != resume.resolve():
        raise typer.BadParameter(
            f"a run goes on in its own folder: leave out --out {out}, or give it as --resume too", param_hint="--out"
        )
    _refuse_what_is_not_heeded(context, _NOT_ITS_OPTIONS if recipe == STEGANALYSER else _ITS_OPTIONS, recipe)
    if start_with == "all" and start_from is None:
        raise typer.BadParameter("say which system with --start-from", param_hint="--start-with all")
    if start_with == "pretraining" and start_from is None and recognizer is None:
        raise typer.BadParameter("say what to train further with --start-from", param_hint="--start-with pretraining")
    if recognizer is not None and start_from is not None:
        raise typer.BadParameter("a run starts from one of the two: leave out --start-from", param_hint="--recognizer")
    shared: dict[str, Any] = {
        "data_root": data_root,
        "protocol": protocol,
        "assignments": assignments or [],
        "minutes": minutes,
        "out": resume or out or Path("runs") / recipe,
        "resume": resume is not None,
        "fabric_arguments": {"devices": devices, "accelerator": accelerator, "precision": precision},
        "threads": threads,
    }
    if recipe == STEGANALYSER:
        from miais.cli.train_steganalyser import SteganalyserOptions, train_steganalyser

        options = SteganalyserOptions(
            detector, containers or [], against or [], split, covers or [COVERS], clean or [], pairs, start_from
        )
        train_steganalyser(options, **shared)
        return
    from miais.cli.train_run import train_run

    train_run(recipe, start_from=start_from, recognizer=recognizer, start_with=start_with, **shared)


def _refuse_what_is_not_heeded(context: typer.Context, names: Iterable[str], recipe: str) -> None:
    for name in names:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(
                f"{recipe} does not heed it: leave it out", param_hint=f"--{name.replace('_', '-')}"
            )
