"""Where systems change their covers: bits, levels, channels, colours and frequencies, from saved files."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from miais.evaluation.saved import Hiding, send_and_receive
from miais.experiments.bits_figures import draw_bits, spectrum_picture
from miais.experiments.panel import write_panel, write_strip
from miais.experiments.results import Column, Report, ResultFolder, RowPlan
from miais.image import to_uint8
from miais.steganalysis.changes import (
    LEVELS,
    changed_bits,
    channel_shares,
    colour_counts,
    difference_counts,
    magnified_residual,
    radial_power,
    residual_power,
)
from miais.system import StegoSystem

SHOWN = 4
_STRIPS = {
    "cover": "cover",
    "container": "container",
    "residual-5": "residual x5",
    "residual-10": "residual x10",
    "spectrum": "its spectrum",
}


def run_bits(
    systems: Sequence[StegoSystem],
    hidings: Callable[[StegoSystem], Sequence[Hiding]],
    settings: Mapping[str, Any],
    results: ResultFolder,
    report: Report,
) -> dict[str, Any]:
    """Compute the rows that are missing, one for each system, and write the table and the figures.

    Args:
        systems: Of different names.
        hidings: What a system hides where.
        settings: What else decides the rows, JSON values.
        results: Where rows, table and figures go: `bits-NAME.png`, and `panel-NAME.png`, which shows the covers.
        report: Told how far it is.

    Returns:
        The content of `table.json`.

    Raises:
        ValueError: If the folder has rows of other settings, or two systems have one name.
    """
    plans = [
        RowPlan(
            system.card.name,
            {**settings, "system": system.card.system_hash},
            partial(_of_system, system, hidings, results.folder, report),
        )
        for system in systems
    ]

    def draw(records: Sequence[Mapping[str, Any]]) -> None:
        draw_bits(results.folder / f"bits-{records[-1]['name']}.png", records[-1]["values"])

    return results.fill(plans, "Where the change sits", COLUMNS, NOTES, draw)


def _of_system(
    system: StegoSystem, hidings: Callable[[StegoSystem], Sequence[Hiding]], folder: Path, report: Report
) -> dict[str, Any]:
    return measure_changes(system, hidings(system), system.card.name, folder, report)


def measure_changes(
    system: StegoSystem, jobs: Sequence[Hiding], name: str, folder: Path, report: Report
) -> dict[str, Any]:
    """Measure where a system changes its covers, and draw a panel of the first pairs, `panel-NAME.png`.

    Args:
        system: The system.
        jobs: What it hides where, at least one.
        name: What it is called.
        folder: Of the panel.
        report: Told how far it is.

    Returns:
        JSON values: `name`, `pairs`, `psnr_db`; `bits`, changed shares by channel and bit; `differences`, counts by
        channel; `shares` of the squared error by channel; `cover_colours` and `container_colours`, counts; `power` of
        the residual by ring of `frequencies`.
    """
    sums: dict[str, Tensor] = {}
    decibels, shown = [], []
    frequencies = torch.empty(0)
    with tempfile.TemporaryDirectory(prefix="miais-") as place:
        for done, (job, received) in enumerate(
            zip(jobs, send_and_receive(system, jobs, Path(place)), strict=True), start=1
        ):
            pair = to_uint8(job.cover)[None], to_uint8(received.container)[None]
            frequencies, power = radial_power(residual_power(*pair))
            found = {
                "bits": changed_bits(*pair),
                "differences": difference_counts(*pair),
                "shares": channel_shares(*pair),
                "cover_colours": colour_counts(pair[0]),
                "container_colours": colour_counts(pair[1]),
                "power": power,
            }
            sums = {key: value + sums.get(key, 0) for key, value in found.items()}
            decibels.append(received.fidelity.psnr_db)
            shown += [pair] if done <= SHOWN else []
            report(name, done, len(jobs))
    _show(folder, name, shown)
    means = {key: (sums[key] / len(jobs)).tolist() for key in ("bits", "shares", "power")}
    return {
        "name": name,
        "pairs": len(jobs),
        "psnr_db": sum(decibels) / len(decibels),
        **means,
        "differences": _trimmed(sums["differences"]).tolist(),
        "cover_colours": sums["cover_colours"].tolist(),
        "container_colours": sums["container_colours"].tolist(),
        "frequencies": frequencies.tolist(),
    }


def _trimmed(counts: Tensor) -> Tensor:
    """Leave out the differences that are larger than any that occur, as many on both sides."""
    middle = LEVELS - 1
    reach = max(1, int((counts.sum(dim=0).nonzero() - middle).abs().max()))
    return counts[:, middle - reach : middle + reach + 1]


def _show(folder: Path, name: str, pairs: Sequence[tuple[Tensor, Tensor]]) -> None:
    """Draw a few pairs, cut to the size of the smallest so that they fit side by side."""
    height, width = (min(cover.shape[axis] for cover, _ in pairs) for axis in (-2, -1))
    covers, containers = (torch.cat([each[..., :height, :width] for each in side]) for side in zip(*pairs, strict=True))
    strips = folder / "strips" / name
    alone = zip(covers.split(1), containers.split(1), strict=True)
    for key, images in {
        "cover": covers,
        "container": containers,
        "residual-5": to_uint8(magnified_residual(covers, containers, 5)),
        "residual-10": to_uint8(magnified_residual(covers, containers, 10)),
        "spectrum": torch.cat([spectrum_picture(residual_power(*pair)) for pair in alone]),
    }.items():
        write_strip(strips, key, images)
    write_panel(folder / f"panel-{name}.png", strips, _STRIPS)


NOTES = (
    "From containers saved as 8-bit PNG and read again, and their covers. Changed: share of the values. Bits are "
    "counted from the lowest, 1: a change by one level can be one of all bits, as from 127 to 128. R, G, B, low: "
    "shares of the squared error; low frequencies are those below a quarter of the finest, where white noise has 6.2%.",
)


def _summary(title: str, key: str) -> Column:
    return Column(title, lambda record: ", ".join(f"{share:.1f}" for share in summary_of(record["values"])[key]))


def summary_of(values: Mapping[str, Any]) -> dict[str, list[float]]:
    """Return what a table shows of changes, in percent.

    Args:
        values: As `measure_changes` gives them.

    Returns:
        `changed`, the share of all values; `bits`, the lowest four, mean over the channels; `shares` of the channels;
        `low`, of the power in the rings below a quarter of the finest frequency.
    """
    planes, counts = values["bits"], values["differences"]
    middle = len(counts[0]) // 2
    # A ring's area grows with its radius.
    energies = [ring * power for ring, power in zip(values["frequencies"], values["power"], strict=True)]
    return {
        "changed": [100 * (1 - sum(row[middle] for row in counts) / sum(map(sum, counts)))],
        "bits": [100 * sum(plane[bit] for plane in planes) / len(planes) for bit in range(4)],
        "shares": [100 * share for share in values["shares"]],
        "low": [100 * sum(energies[: len(energies) // 4]) / sum(energies)],
    }


COLUMNS = (
    Column("system", lambda record: str(record["values"]["name"])),
    Column("PSNR, dB", lambda record: f"{record['values']['psnr_db']:.2f}"),
    _summary("changed, %", "changed"),
    _summary("bits 1-4, %", "bits"),
    _summary("R, G, B, %", "shares"),
    _summary("low, %", "low"),
)
