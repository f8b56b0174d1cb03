"""What `miais train` does once its arguments are known."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import typer
from rich.console import Console

from miais.cli.fabric import make_fabric
from miais.evaluation.calibration import calibrate_people, score_classes
from miais.recipes import get_recipe
from miais.recipes.overrides import with_overrides
from miais.recipes.own_recognizer import with_recognizer
from miais.recognizer import read_recognizer
from miais.system import load
from miais.system_folder import find_system
from miais.training.corpus import open_corpus
from miais.training.run import Run, StartWith


def train_run(
    name: str,
    *,
    data_root: Path | None,
    protocol: Path | None,
    assignments: Sequence[str],
    minutes: float | None,
    out: Path,
    resume: bool,
    start_from: str | None,
    recognizer: Path | None,
    start_with: StartWith,
    fabric_arguments: dict[str, Any],
    threads: int | None,
) -> None:
    """Train, calibrate, and say where the system is.

    Raises:
        typer.BadParameter: If an assignment is not one of the recipe's settings.
        ValueError, FileNotFoundError, FileExistsError: As the parts that it calls; all before training starts.
        typer.Exit: With 130, if Ctrl-C stopped it before the end.
    """
    recipe = get_recipe(name)
    if recognizer is not None:
        recipe = with_recognizer(recipe, read_recognizer(recognizer))
    try:
        recipe = with_overrides(recipe, assignments)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--set") from error
    origin = recognizer if start_from is None else find_system(start_from)
    if threads is not None:
        torch.set_num_threads(threads)
    logging.getLogger("lightning").setLevel(logging.WARNING)
    fabric = make_fabric(fabric_arguments)
    fabric.launch()
    console = Console(quiet=not fabric.is_global_zero, highlight=False)
    console.print(f"{recipe.name}: {recipe.description}")
    corpus = open_corpus(recipe.data, recipe.networks.image_size, data_root, protocol, fabric.device)
    console.print(", ".join(f"{key} {value}" for key, value in corpus.description.items()))
    run = Run(fabric, recipe, corpus, out, start_from=origin, start_with=start_with)
    outcome = run.train(resume=resume, minutes=minutes)
    for phase, result in outcome.phases.items():
        console.print(
            f"{phase}: {result.steps} steps, {result.seconds / 60:.1f} minutes, "
            f"{result.images_per_second:.0f} images/s, {result.waiting_share:.0%} of the time waiting for data, "
            f"best score {result.best_score:.4f}"
        )
    if outcome.system_folder is None:
        console.print(f"Stopped before the end. Go on with: miais train {name} --resume {out} (and the same options)")
        # The first process alone: it would take another's exit code for a failure.
        if fabric.is_global_zero and any(result.interrupted for result in outcome.phases.values()):
            raise typer.Exit(130)
        return
    if fabric.is_global_zero:
        system = load(outcome.system_folder)
        secrets, covers = corpus.validation_secrets, corpus.held_out_covers
        if corpus.validator.pairs is None or corpus.protocol is None:
            score_classes(system, outcome.system_folder, secrets, covers, recipe.data.cover_size)
        else:
            calibrate_people(system, outcome.system_folder, secrets, covers, corpus.protocol)
        console.print(f"System: {outcome.system_folder}. Score it: miais evaluate {outcome.system_folder} ...")
