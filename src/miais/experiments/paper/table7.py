"""Table VII: learned detectors on each method, and on a method that they have not been trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from miais.experiments.figures import write_figure
from miais.experiments.paper.columns import SEEDS, fact, number
from miais.experiments.paper.sharing import claimed
from miais.experiments.paper.table import PaperTable, Record, SeededRow
from miais.experiments.paper.table6 import METHODS
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, World
from miais.steganalysis.learned.hidden_pairs import hidden_pairs
from miais.steganalysis.learned.kinds import Kind
from miais.steganalysis.learned.pairs import StegoPair, split_pairs
from miais.steganalysis.learned.scores import score_pairs
from miais.steganalysis.learned.training import DetectorSettings, detector_settings, train_detector

Case = Literal["first", "second", "disjoint"]
CASES: tuple[Case, ...] = ("first", "second", "disjoint")
DETECTORS: Mapping[Kind, str] = {"yenet-batchnorm": "Ye-Net", "yedroudj-pytorch": "Yedroudj-Net", "srnet": "SRNet"}
OF_THE_PAPER = ("peer_hidden", "peer_hiips", "peer_steganogan", "peer_stegnet", "paper_multi")
COVERS = "covers-imagenet400"


@dataclass(frozen=True)
class _Plan:
    """How many pairs there are of each method, how long a detector learns, and what is tried."""

    train: int
    test: int
    steps: int
    methods: Sequence[str]
    detectors: Sequence[Kind]


_PLANS: Mapping[str, _Plan] = {
    "tiny": _Plan(24, 8, 2, ("peer_steganogan", "paper_multi"), ("yedroudj-pytorch",)),
    "small": _Plan(1000, 250, 250, OF_THE_PAPER, tuple(DETECTORS)),
    "paper": _Plan(4000, 1000, 20_000, OF_THE_PAPER, tuple(DETECTORS)),
}


def table7(workshop: Workshop, folder: Path) -> PaperTable:
    """Return Table VII."""
    (world,), plan = workshop.scale.worlds(FACES), _PLANS[workshop.scale.name]
    rows = [
        SeededRow(
            f"{kind}-{case}-{method}",
            {"detector": DETECTORS[kind], "case": case, "method": METHODS[method]},
            {
                "detector": asdict(_settings(workshop, world, plan, kind, seed=0)),
                "case": case,
                "method": method,
                "plan": asdict(plan),
                **workshop.settings(world, *plan.methods),
            },
            partial(_scores, workshop, world, plan, kind, case, method),
        )
        for kind in plan.detectors
        for case in CASES
        for method in plan.methods
    ]
    who = tuple(fact(title, title) for title in ("detector", "case", "method"))
    found = number("accuracy", "accuracy", digits=3), number("AUC", "auc", digits=3)
    columns = (*who, SEEDS, *found, number("TPR", "tpr", digits=3), number("FPR", "fpr", digits=3))
    notes = (
        "First: trained and tried on pairs of one method, drawn at random, as in the paper, where both may share "
        "covers. Second: trained on the other methods evenly. Disjoint: as the first, but no cover and no person is on "
        "both sides.",
        "Accuracy at 0.5; in brackets 95% intervals over covers. Ye-Net is normalised, Yedroudj-Net that of its "
        "authors' PyTorch file, all see luminance and two colour differences: docs/steganalysis.md.",
    )
    draw = partial(draw_accuracies, folder / "table7.png")
    return PaperTable("Table VII: learned detectors", rows, columns, notes, (*who, *found), draw)


def _scores(
    workshop: Workshop, world: World, plan: _Plan, kind: Kind, case: Case, method: str, seed: int
) -> Mapping[str, Any]:
    def pairs_of(each: str) -> tuple[list[StegoPair], list[StegoPair]]:
        train, test = _hidden(workshop, world, plan, each, seed)
        return (train, test) if case == "disjoint" else split_pairs([*train, *test], "random", seed)

    train, test = pairs_of(method)
    if case == "second":
        others = [pairs_of(each)[0] for each in plan.methods if each != method]
        share = -(-len(train) // len(others))
        train = [pair for pairs in others for pair in pairs[:share]]
    name = f"{kind}, {case} case, {METHODS[method]}"
    workshop.report(name, 0, 1)
    settings = _settings(workshop, world, plan, kind, seed)
    folder = workshop.folder / f"{world.name}-{kind}-{case}-{method}-{seed}"
    detector, ended = train_detector(
        workshop.fabric, settings, train, folder, trained_on=name, resume=workshop.begun(folder)
    )
    if detector is None or ended.stopped:
        raise KeyboardInterrupt
    return asdict(score_pairs(detector, test, partial(workshop.report, name)).squares)


def _settings(workshop: Workshop, world: World, plan: _Plan, kind: Kind, seed: int) -> DetectorSettings:
    size = workshop.scale.recipe(plan.methods[0], world, seed=seed).networks.image_size
    return replace(detector_settings(kind, image_size=size, steps=plan.steps, seed=seed), amplify=1.0, workers=0)


def _hidden(
    workshop: Workshop, world: World, plan: _Plan, method: str, seed: int
) -> tuple[list[StegoPair], list[StegoPair]]:
    """Return the pairs of a method in training covers and of training people, and those of the test."""
    system = workshop.system_of(method, world, seed)
    size = system.card.image_size
    covers = world.covers[0] if workshop.scale.name == "tiny" else COVERS
    corpus = workshop.corpus(workshop.scale.recipe(method, world, seed=seed, covers=(covers,)))
    bench = workshop.bench(world, size, covers)
    folder = workshop.folder / f"{world.name}-{method}-{seed}" / "containers"
    hide = partial(hidden_pairs, system, seed=seed, progress=partial(workshop.report, f"{METHODS[method]}: hiding"))
    with claimed(folder):
        return (
            hide(corpus.secrets, corpus.covers.resized(size), plan.train, folder / "train"),
            hide(bench.secrets, bench.covers, plan.test, folder / "test"),
        )


def draw_accuracies(path: Path, records: Sequence[Record]) -> None:
    """Draw the accuracies in the paper's layout: a line for each detector and case, a column for each method.

    Args:
        path: Of the figure, a PNG; matplotlib is in the extra `report`.
        records: Of the table.
    """
    from matplotlib.figure import Figure

    found = {
        (f"{facts['detector']}, {facts['case']}", facts["method"]): record["values"]["scores"]["accuracy"]["mean"]
        for record in records
        for facts in [record["values"]["facts"]]
    }
    lines, methods = (list(dict.fromkeys(key[place] for key in found)) for place in (0, 1))
    figure = Figure(figsize=(2.5 + 1.2 * len(methods), 1.2 + 0.42 * len(lines)), layout="constrained")
    axes = figure.subplots()
    grid = [[found.get((line, method), float("nan")) for method in methods] for line in lines]
    axes.imshow(grid, cmap="viridis", vmin=0.5, vmax=1, aspect="auto")
    for row, line in enumerate(grid):
        for column, value in enumerate(line):
            if value == value:  # known
                axes.text(column, row, f"{value:.3f}", ha="center", va="center", color="w" if value < 0.8 else "k")
    axes.set(title="accuracy of detectors", xticks=range(len(methods)), yticks=range(len(lines)))
    axes.set_xticklabels(methods)
    axes.set_yticklabels(lines)
    write_figure(figure, path)
