"""The ablation: every row trained with the same budget and some seeds, and scored on the validation people."""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lightning.fabric import Fabric

from miais.evaluation.classes import assigned_crops, evaluate_classes
from miais.evaluation.face_protocol import face_protocol
from miais.evaluation.faces import evaluate_faces
from miais.evaluation.saved import NONE
from miais.experiments.ablation.figure import draw_drops
from miais.experiments.ablation.rows import AblationRow, recipe_of
from miais.experiments.ablation.table import COLUMNS, NOTES, TITLE, over_seeds
from miais.experiments.results import ResultFolder, RowPlan
from miais.system import StegoSystem, load
from miais.training.corpus import Corpus
from miais.training.run import Run
from miais.training.settings import Recipe

ROAD = ("jpeg75", "resize0.5")
"""What containers of the robust group go through as well."""


@dataclass(frozen=True)
class Bench:
    """What all rows share.

    Attributes:
        start_from: Folder of the system, or of the run, whose secret classifier all rows take.
        open_corpus: Opens a recipe's data.
        fabric: Device and precision.
        runs: Folder for what is being trained.
        report: Told how far things are.
    """

    start_from: Path
    open_corpus: Callable[[Recipe], Corpus]
    fabric: Fabric
    runs: Path
    report: Callable[[str, float, float], None]


def run_ablation(
    rows: Sequence[AblationRow], *, steps: int, seeds: Iterable[int], bench: Bench, results: ResultFolder
) -> dict[str, Any]:
    """Train and score the rows that are missing, and write the table and the figure after each.

    Args:
        rows: Of one group, the full recipe first.
        steps: Budget of every row.
        seeds: Each row is trained once with each.
        bench: What they share.
        results: Where rows, table and figure go.

    Returns:
        The content of `table.json`.

    Raises:
        ValueError: If the folder has rows of other settings.
        KeyboardInterrupt: If Ctrl-C stopped a training.
    """
    plans = [(row, _plan(row, recipe_of(row, steps, seed), bench)) for row in rows for seed in seeds]
    results.check([plan for _, plan in plans])
    found: dict[str, list[Mapping[str, Any]]] = {}
    table: dict[str, Any] = {}
    for row, plan in plans:
        found.setdefault(row.name, []).append(results.row(plan))
        records = [over_seeds(name, each) for name, each in found.items()]
        table = results.write_table(TITLE, records, COLUMNS, NOTES)
        draw_drops(results.folder / "ablation.png", records)
    return table


def _plan(row: AblationRow, recipe: Recipe, bench: Bench) -> RowPlan:
    settings = {"recipe": row.recipe, "changes": list(row.changes), "steps": recipe.phase.steps, "seed": recipe.seed}
    return RowPlan(f"{row.name}-{recipe.seed}", settings, partial(_values, row, recipe, bench))


def _values(row: AblationRow, recipe: Recipe, bench: Bench) -> dict[str, Any]:
    corpus, folder = bench.open_corpus(recipe), bench.runs / f"{row.name}-{recipe.seed}"
    bench.report(f"{row.name}: training", 0, 1)
    shutil.rmtree(folder, ignore_errors=True)  # of a row that was stopped: rows are short, and resumed as a whole
    outcome = Run(bench.fabric, recipe, corpus, folder, start_from=bench.start_from).train()
    if outcome.system_folder is None:
        raise KeyboardInterrupt
    system = load(outcome.system_folder, device=bench.fabric.device)
    distortions = (NONE, *ROAD) if row.group == "robust" else (NONE,)
    scores = _scores(system, corpus, distortions, partial(bench.report, row.name))
    shutil.rmtree(folder)
    training = outcome.phases["minimax"]
    return {"without": row.without, "steps": training.steps, "minutes": training.seconds / 60, "scores": scores}


def _scores(
    system: StegoSystem, corpus: Corpus, distortions: Sequence[str], progress: Callable[[float, float], None]
) -> dict[str, dict[str, float | None]]:
    secrets, covers = corpus.validation_secrets, corpus.held_out_covers
    if corpus.protocol is None:
        crops = assigned_crops(covers, len(secrets), 2 * system.card.image_size)
        return {
            result.distortion: {
                "psnr_db": result.container.mean_psnr_db,
                "ms_ssim": result.container.ms_ssim,
                "accuracy": result.accuracy,
                "auc": None,
                "restored_db": None,
                "drop": result.drop.drop,
                "drop_low": result.drop.low,
                "drop_high": result.drop.high,
            }
            for result in evaluate_classes(system, secrets, crops, distortions=distortions, progress=progress)
        }
    # One cover for each secret: chance comes from the people, and a second training tells more than a second cover.
    people = face_protocol(corpus.protocol, "val", secrets.names, covers.names, copies=1)
    return {
        result.distortion: {
            "psnr_db": result.container.mean_psnr_db,
            "ms_ssim": result.container.ms_ssim,
            "accuracy": result.hidden.verification.accuracy,
            "auc": result.hidden.verification.auc,
            "restored_db": None if result.restored is None else result.restored.mean_psnr_db,
            "drop": result.drop.drop,
            "drop_low": result.drop.low,
            "drop_high": result.drop.high,
        }
        for result in evaluate_faces(system, secrets, covers, people, distortions=distortions, progress=progress)
    }
