"""`miais experiment detection`, once its arguments are known."""

from collections.abc import Sequence
from pathlib import Path

from miais.cli.evaluate import COVERS
from miais.cli.experiment_options import (
    ExperimentOptions,
    bar_of_experiment,
    experiment_fabric,
    hidings_by_system,
    print_experiment,
    provenance,
)
from miais.cli.scoring import refuse_sources
from miais.experiments.detection import columns, run_detection
from miais.experiments.figures import require_matplotlib
from miais.experiments.results import ResultFolder
from miais.steganalysis.learned.detector import load_detector
from miais.steganalysis.tally import Score, stegexpose_score
from miais.system import load

_CONTAINERS_OF_A_COVER = 5


def run_detection_experiment(options: ExperimentOptions, *, others: Sequence[str], detectors: Sequence[Path]) -> None:
    """Run the detection experiment and print its table.

    Raises:
        typer.BadParameter: If the sources are not those that the systems need.
        ValueError, FileNotFoundError: As the parts that it calls.
    """
    require_matplotlib()
    fabric = experiment_fabric(options)
    systems = [load(name, device=fabric.device) for name in (options.model, *others)]
    if options.tiny:
        refuse_sources(systems[0], options.sources)
    scores: dict[str, Score] = {"StegExpose": stegexpose_score}
    for folder in detectors:
        detector = load_detector(folder)
        scores[f"{detector.card.kind}: {detector.card.trained_on}"] = detector.score
    settings = {"split": "test", "tiny": options.tiny, "covers": options.sources.covers or COVERS}
    results = ResultFolder(options.out, provenance(options, systems[0], settings, fabric))
    with bar_of_experiment() as bar:
        task = bar.add_task("")
        table = run_detection(
            systems,
            scores,
            hidings_by_system(options, in_each_cover=_CONTAINERS_OF_A_COVER),
            settings,
            results,
            lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )
    print_experiment(table, columns(list(scores)), "roc.png", options)
