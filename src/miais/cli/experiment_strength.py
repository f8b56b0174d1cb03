"""`miais experiment strength`, once its arguments are known."""

from collections.abc import Sequence

from miais.cli.evaluate import COVERS
from miais.cli.experiment_options import (
    ExperimentOptions,
    bar_of_experiment,
    experiment_fabric,
    print_experiment,
    provenance,
)
from miais.cli.scoring import refuse_sources, score_digits, score_faces, shows_digits
from miais.evaluation.classes import ClassEvaluation
from miais.evaluation.face_scores import FaceEvaluation
from miais.experiments.figures import require_matplotlib
from miais.experiments.results import ResultFolder
from miais.experiments.strength import COLUMNS, run_strength
from miais.system import StegoSystem, load

_TINY_DIGITS = 30


def run_strength_experiment(options: ExperimentOptions, *, strengths: Sequence[float], others: Sequence[str]) -> None:
    """Run the strength experiment and print its table.

    Raises:
        typer.BadParameter: If the sources are not those that the systems need.
        ValueError, FileNotFoundError: As the parts that it calls.
    """
    require_matplotlib()
    fabric = experiment_fabric(options)
    systems = [load(name, device=fabric.device) for name in (options.model, *others)]
    sources = options.sources
    if options.tiny:
        refuse_sources(systems[0], sources)
    settings = {"split": "test", "tiny": options.tiny, "covers": sources.covers or COVERS}
    results = ResultFolder(options.out, provenance(options, systems[0], settings, fabric))
    with bar_of_experiment() as bar:
        task = bar.add_task("")

        def score(system: StegoSystem, strength: float) -> FaceEvaluation | ClassEvaluation:
            what = f"{system.card.name} at {strength:g}"
            score_options = {
                "strength": strength,
                "progress": lambda done, every: bar.update(task, description=what, completed=done, total=every),
            }
            if options.tiny or shows_digits(system):
                return score_digits(system, "test", score_options, every=_TINY_DIGITS if options.tiny else 1)[0]
            return score_faces(system, sources, "test", score_options)[0]

        table = run_strength(systems, strengths, score, settings, results)
    print_experiment(table, COLUMNS, "strength.png", options)
