"""The privacy experiment: its rows in order, its table, and its panel."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from miais.experiments.figures import require_matplotlib
from miais.experiments.panel import write_panel, write_strip
from miais.experiments.privacy import attacks
from miais.experiments.privacy.attacks import Values
from miais.experiments.privacy.bench import Bench
from miais.experiments.privacy.phase_reader import channel_of
from miais.experiments.privacy.recognizer import PlainRecognizer, refuse_insider
from miais.experiments.privacy.table import COLUMNS, NOTES, TITLE
from miais.experiments.results import ResultFolder, RowPlan
from miais.system import StegoSystem

PAIR_COUNTS = (100, 1000)
"""Sizes of what an inverter learns from, beside all pairs."""


def run_privacy(
    bench: Bench, results: ResultFolder, recognizer: PlainRecognizer | None, others: Sequence[StegoSystem]
) -> dict[str, Any]:
    """Compute the rows that are missing, and write the table after each, then the panel.

    Args:
        bench: System, data and budget.
        results: Where rows and table go.
        recognizer: Of plain faces, without a part in the system's making; None leaves its row out.
        others: Systems whose classifiers read the containers too.

    Returns:
        The content of `table.json`.

    Raises:
        ModuleNotFoundError: If matplotlib is not installed.
        ValueError: If the recogniser is the system's own, another system is the same one, or the folder has rows of
            other settings; all before anything is computed.
    """
    require_matplotlib()
    if recognizer is not None:
        refuse_insider(recognizer, bench.system)
    for other in others:
        _refuse_same(bench.system, other)
    plans = _plans(bench, recognizer, others)
    results.check(plans)
    notes = list(NOTES)
    if recognizer is None:
        notes.append("No recogniser was given (--recognizer), so the row of the plain recogniser is missing.")
    records, table = [], {}
    for plan in plans:
        records.append(results.row(plan))
        table = results.write_table(TITLE, records, COLUMNS, notes)
    _draw(bench, results, [plan.name for plan in plans])
    return table


def _plans(bench: Bench, recognizer: PlainRecognizer | None, others: Sequence[StegoSystem]) -> list[RowPlan]:
    common = {"system": bench.system.card.system_hash, "seed": bench.seed, "data": bench.data.description}
    every = len(bench.data.train)

    def plan(name: str, compute: Callable[[], Values], **settings: Any) -> RowPlan:
        return RowPlan(name, {**common, **settings}, compute)

    def trained(name: str, attack: Callable[[Bench, str, int], Values], count: int) -> RowPlan:
        settings: Mapping[str, Any] = {
            "train_pairs": count,
            "starts_as": "mean face",
            "minutes": bench.budget.minutes,
            "steps": bench.budget.steps,
            "precision": bench.fabric.strategy.precision.precision,
        }
        return plan(name, partial(attack, bench, name, count), **settings)

    rows = [
        plan("plain-secret", partial(attacks.plain_secret, bench)),
        plan("mean-face", partial(attacks.mean_face, bench)),
        plan("system-itself", partial(attacks.system_reads, bench, bench.system)),
    ]
    if recognizer is not None:
        compute = partial(attacks.plain_recognizer, bench, recognizer)
        rows.append(plan("plain-recognizer", compute, recognizer=recognizer.hash))
    for other in others:
        compute = partial(attacks.system_reads, bench, other)
        rows.append(plan(f"other-{other.card.name}", compute, other=other.card.system_hash))
    if (channel := channel_of(bench.system)) is not None:
        rows.append(plan("phase-reader", partial(attacks.read_phases, bench, channel), train_pairs=every))
    rows += [trained(f"inverter-{count}", attacks.invert, count) for count in PAIR_COUNTS if count < every]
    rows.append(trained("inverter-all", attacks.invert, every))
    rows.append(trained("known-cover", attacks.invert_with_cover, every))
    rows.append(trained("with-weights", attacks.decode_embeddings, every))
    return rows


def _refuse_same(system: StegoSystem, other: StegoSystem) -> None:
    if other.card.system_hash == system.card.system_hash:
        raise ValueError(
            f"expected another system than {system.card.name!r}, got one with the same weights as {other.card.name!r}; "
            "the row system-itself has what it reads"
        )


def _draw(bench: Bench, results: ResultFolder, names: Sequence[str]) -> None:
    write_strip(bench.strips, "secrets", bench.data.test.secrets[bench.shown])
    write_strip(bench.strips, "containers", bench.containers.shown(bench.shown))
    titles = {name: name.replace("-", " ") for name in names if name != "plain-secret"}
    write_panel(results.folder / "panel.png", bench.strips, {"secrets": "secret", "containers": "container", **titles})
