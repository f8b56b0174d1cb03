"""`miais experiment strength`, once its arguments are known."""

from collections.abc import Sequence

from miais.cli.experiment_options import ExperimentOptions, experiment_on_systems, print_experiment
from miais.cli.scoring import score_digits, score_faces, shows_digits
from miais.evaluation.classes import ClassEvaluation
from miais.evaluation.face_scores import FaceEvaluation
from miais.experiments.strength import COLUMNS, run_strength
from miais.system import StegoSystem

_TINY_DIGITS = 30


def run_strength_experiment(options: ExperimentOptions, *, strengths: Sequence[float], others: Sequence[str]) -> None:
    """Run the strength experiment and print its table; errors as `experiment_on_systems` and `run_strength`."""
    with experiment_on_systems(options, others) as setup:

        def score(system: StegoSystem, strength: float) -> FaceEvaluation | ClassEvaluation:
            what = f"{system.card.name} at {strength:g}"
            score_options = {
                "strength": strength,
                "progress": lambda done, every: setup.report(what, done, every),
            }
            if options.tiny or shows_digits(system):
                return score_digits(system, "test", score_options, every=_TINY_DIGITS if options.tiny else 1)[0]
            # One cover: a curve needs many points, and chance comes from the people.
            return score_faces(system, options.sources, "test", score_options, copies=1)[0]

        table = run_strength(setup.systems, strengths, score, setup.settings, setup.results)
    print_experiment(table, COLUMNS, "strength.png", options)
