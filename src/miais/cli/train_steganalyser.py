"""`miais train steganalyser`, once its arguments are known."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
import typer

from miais.cli.experiment_options import bar_of_experiment
from miais.cli.fabric import make_fabric
from miais.cli.output import print_table
from miais.cli.steganalyser_sources import PairSources
from miais.recipes.overrides import with_overrides
from miais.steganalysis.learned.detector import Detector, load_detector
from miais.steganalysis.learned.kinds import Kind
from miais.steganalysis.learned.pairs import Split, StegoPair
from miais.steganalysis.learned.scores import PairScores, clean_scores, score_pairs
from miais.steganalysis.learned.training import (
    PHASE,
    DetectorSettings,
    detector_settings,
    settings_of_run,
    train_detector,
)
from miais.training.loop import LoopResult
from miais.training.provenance import commit, machine
from miais.training.run_folder import check_folder, write_settings


@dataclass(frozen=True)
class SteganalyserOptions:
    """What `miais train` takes for a detector alone; the fields are those of the command line."""

    detector: Kind
    containers: Sequence[str]
    against: Sequence[str]
    split: Split
    covers: Sequence[str]
    clean: Sequence[str]
    pairs: int
    start_from: str | None


def train_steganalyser(
    options: SteganalyserOptions,
    *,
    data_root: Path | None,
    protocol: Path | None,
    assignments: Sequence[str],
    minutes: float | None,
    out: Path,
    resume: bool,
    fabric_arguments: dict[str, Any],
    threads: int | None,
) -> None:
    """Train a detector, try it on pairs that it has not seen, and say where it is.

    Raises:
        typer.BadParameter: If an assignment is no setting, or a source cannot be opened.
        ValueError, FileNotFoundError, FileExistsError: As the parts that it calls; all before training starts.
        typer.Exit: With 130, if Ctrl-C stopped it before the end.
    """
    settings = _settings(options, assignments)
    if threads is not None:
        torch.set_num_threads(threads)
    logging.getLogger("lightning").setLevel(logging.WARNING)
    fabric = make_fabric(fabric_arguments)
    fabric.launch()
    trained_on = f"{' + '.join(options.containers)} in {' + '.join(options.covers)}, split {options.split}"
    start = None if options.start_from is None else load_detector(options.start_from)
    first = None if start is None else start.card.weights
    made_with = {**settings_of_run(settings, trained_on), "pairs": options.pairs, "start_from": first}
    check_folder(out, PHASE, made_with, resume=resume)
    if not resume:
        write_settings(out, made_with)
    sources = PairSources(data_root, protocol, options.covers, options.pairs, out / "containers", settings.seed)
    with bar_of_experiment() as bar:
        task = bar.add_task("", visible=False)
        train, test = sources.open(
            options.containers,
            options.against,
            options.split,
            lambda what, done, total: bar.update(task, description=what, completed=done, total=total, visible=True),
        )
    print(f"{len(train)} pairs to train on, {len(test)} to test on")
    detector, result = train_detector(
        fabric, settings, train, out, trained_on=trained_on, resume=resume, minutes=minutes, start=start
    )
    if detector is None:
        print(f"Stopped before the end. Go on with: miais train steganalyser --resume {out} (and the same options)")
        if result.interrupted:
            raise typer.Exit(130)
        return
    scores = _try(detector, test, sources, options)
    training = {"settings": made_with, "against": list(options.against), "steps": result.steps}
    pace = {"seconds": result.seconds, "commit": commit(), "machine": machine(fabric), "pairs": len(train)}
    detector.card = replace(
        detector.card,
        scores={"squares": asdict(scores.squares), "pictures": asdict(scores.pictures)},
        training={**training, **pace},
    )
    detector.save(out / "detector")
    _print(detector, scores, result, out / "detector")


def _settings(options: SteganalyserOptions, assignments: Sequence[str]) -> DetectorSettings:
    if not options.containers:
        what = "say what to train on: a system, a folder, or lsb-matching:0.4"
        raise typer.BadParameter(what, param_hint="--containers")
    try:
        settings = with_overrides(detector_settings(options.detector), assignments)
        # Of a training that is asked to be shorter or longer there are as many validations.
        again = detector_settings(options.detector, steps=settings.phase.steps).phase.validate_every
        return with_overrides(settings, [f"phase.validate_every={again}", *assignments])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--set") from error


def _try(
    detector: Detector, test: Sequence[StegoPair], sources: PairSources, options: SteganalyserOptions
) -> PairScores:
    """Score the pairs of the test, and clean pictures of its source and of others."""
    with bar_of_experiment() as bar:
        task = bar.add_task("test")
        scores = score_pairs(detector, test, lambda done, total: bar.update(task, completed=done, total=total))
        clean = {"test covers": scores.clean}
        for name in options.clean:
            covers = sources.clean(name)
            bar.update(task, description=f"clean: {name}")
            clean[name] = clean_scores(
                detector,
                [covers.pixels(index) for index in range(len(covers))],
                lambda done, total: bar.update(task, completed=done, total=total),
            )
    detector.card = replace(detector.card, clean=clean)
    return scores


def _print(detector: Detector, scores: PairScores, result: LoopResult, folder: Path) -> None:
    rows: list[tuple[str, object]] = []
    size = detector.card.image_size
    for what, found in ((f"squares of {size} px", scores.squares), ("whole pictures", scores.pictures)):
        rows += [
            (f"{what}: accuracy", f"{found.accuracy:.4f} [{found.accuracy_low:.4f}, {found.accuracy_high:.4f}]"),
            (f"{what}: AUC", f"{found.auc:.4f} [{found.auc_low:.4f}, {found.auc_high:.4f}]"),
            (f"{what}: containers found (TPR)", f"{found.tpr:.4f}"),
            (f"{what}: covers suspected (FPR)", f"{found.fpr:.4f}"),
            (f"{what}: containers found, at 5% of covers", f"{found.tpr_at_5:.4f}"),
        ]
    rows += [
        (f"clean pictures suspected: {source}", f"{alarms:.4f}")
        for source, alarms in detector.false_alarms(0.5).items()
    ]
    rows += [
        ("tried on", f"{scores.pictures.pairs} pairs of {scores.pictures.covers} covers"),
        ("training", f"{result.steps} steps, {result.seconds / 60:.1f} minutes"),
    ]
    print_table(("", detector.card.kind), rows)
    typer.echo(f"Detector: {folder}. Use it: miais steganalyze --detector {folder} ...")
