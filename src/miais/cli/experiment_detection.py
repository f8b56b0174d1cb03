"""`miais experiment detection`, once its arguments are known."""

from collections.abc import Sequence
from pathlib import Path

from miais.cli.experiment_options import (
    ExperimentOptions,
    experiment_on_systems,
    hidings_by_system,
    print_experiment,
)
from miais.experiments.detection import columns, run_detection
from miais.steganalysis.learned.detector import load_detector
from miais.steganalysis.tally import Score, stegexpose_score

_CONTAINERS_OF_A_COVER = 5


def run_detection_experiment(options: ExperimentOptions, *, others: Sequence[str], detectors: Sequence[Path]) -> None:
    """Run the detection experiment and print its table.

    Raises:
        FileNotFoundError, ValueError: If a detector cannot be loaded; else as `experiment_on_systems`.
    """
    scores: dict[str, Score] = {"StegExpose": stegexpose_score}
    for folder in detectors:
        detector = load_detector(folder)
        scores[f"{detector.card.kind}: {detector.card.trained_on}"] = detector.score
    with experiment_on_systems(options, others) as setup:
        hidings = hidings_by_system(options, in_each_cover=_CONTAINERS_OF_A_COVER)
        table = run_detection(setup.systems, scores, hidings, setup.settings, setup.results, setup.report)
    print_experiment(table, columns(list(scores)), "roc.png", options)
