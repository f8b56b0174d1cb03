"""The demo's report as one self-contained page, with the pictures inside."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from miais.cli.demo_report import RESIDUAL_GAIN, Check, Comparison, CoverReport, DemoReport, SystemFacts
from miais.cli.distance_plot import distance_plot
from miais.cli.report_style import PAGE, STYLE


def report_page(report: DemoReport, folder: Path) -> str:
    """Lay out the page.

    Args:
        report: What the demo found.
        folder: Where the report's pictures are.

    Returns:
        HTML that needs no other file.

    Raises:
        OSError: If a picture cannot be read.
    """
    failed = report.failed_checks
    return PAGE.substitute(
        style=STYLE,
        verdict=f"{len(failed)} of {len(report.checks)} checks failed" if failed else "everything worked",
        verdict_class="failed" if failed else "passed",
        cover_count=len(report.covers),
        gain=RESIDUAL_GAIN,
        tiles=_tiles(report),
        covers="".join(_cover(report, cover, folder) for cover in report.covers),
        fidelity=_fidelity_table(report),
        restored_size=report.restorer.image_size,
        threshold=f"{report.threshold:.3f}",
        far=f"{report.far:.0%}",
        recogniser=escape(report.recogniser.name),
        plot=distance_plot(report),
        comparisons=_comparison_table(report, folder),
        checks="".join(_check(check) for check in report.checks),
        systems=f"{_system(report.recogniser)}; {_system(report.restorer)}",
        seconds=report.seconds,
    )


def _tiles(report: DemoReport) -> str:
    least = min(cover.recognised.psnr_db or 0.0 for cover in report.covers)
    restored = sum(cover.restored.psnr_db or 0.0 for cover in report.covers) / len(report.covers)
    tiles = (
        (f"{least:.1f} dB", "PSNR of the container that differs most from its cover"),
        (f"{report.same_accepted:.0%}", "of the comparisons with the same person accepted"),
        (f"{report.different_refused:.0%}", "of the comparisons with other people refused"),
        (f"{restored:.1f} dB", "PSNR of the restored face, mean"),
    )
    return "".join(f'<div class="tile"><b>{number}</b><span>{text}</span></div>' for number, text in tiles)


def _cover(report: DemoReport, cover: CoverReport, folder: Path) -> str:
    recogniser, restorer = report.recogniser.name, report.restorer.name
    figures = (
        (cover.picture, "Cover", "an ordinary photograph"),
        (cover.recognised.container, "Container", f"by {recogniser}, {_decibels(cover.recognised.psnr_db)}"),
        (cover.residual, f"What changed, x{RESIDUAL_GAIN}", "container minus cover, on grey"),
        (report.secret, "Secret", "the face that is hidden"),
        (cover.restorable.container, "Container", f"by {restorer}, {_decibels(cover.restorable.psnr_db)}"),
        (cover.restored.picture, "Restored", f"from the container before, {_decibels(cover.restored.psnr_db)}"),
    )
    strip = "".join(_figure(folder / path, title, note, cover.name) for path, title, note in figures)
    title = f"<h3>{cover.name} <span>{cover.size}</span></h3>"
    return f'<article class="cover">{title}<div class="strip">{strip}</div></article>'


def _figure(path: Path, title: str, note: str, cover: str) -> str:
    """A picture that fills the window when it is clicked: a checkbox remembers, no script is needed."""
    alt = escape(f"{title} ({cover}): {note}")
    return (
        f'<figure><label><input type="checkbox" aria-label="Enlarge: {alt}"><img src="{_data_uri(path)}" alt="{alt}">'
        f"</label><figcaption><b>{escape(title)}</b>, {escape(note)}</figcaption></figure>"
    )


def _fidelity_table(report: DemoReport) -> str:
    names = escape(report.recogniser.name), escape(report.restorer.name)
    header = ["cover", "size"]
    header += [f"{what}, {score}" for what in (*names, "restored") for score in ("PSNR", "MS&#8209;SSIM")]
    rows = []
    for cover in report.covers:
        scores = [
            text
            for item in (cover.recognised, cover.restorable, cover.restored)
            for text in (_decibels(item.psnr_db), "-" if item.ms_ssim is None else f"{item.ms_ssim:.4f}")
        ]
        rows.append("".join(f"<td>{text}</td>" for text in (cover.name, cover.size, *scores)))
    return _table(header, rows)


def _comparison_table(report: DemoReport, folder: Path) -> str:
    header = ["face", "hidden in", *(f"to {cover.name}" for cover in report.covers), "answers"]
    return _table(header, [_comparison(item, folder) for item in report.comparisons])


def _comparison(item: Comparison, folder: Path) -> str:
    who = "the same person" if item.expected_same else "another person"
    right = sum(answer == item.expected_same for answer in item.same)
    cells = "".join(
        f'<td class="{_verdict(answer == item.expected_same)}">{distance:.3f}</td>'
        for distance, answer in zip(item.distances, item.same, strict=True)
    )
    mark = "&check;" if right == len(item.same) else "&cross;"
    picture = f'<img src="{_data_uri(folder / item.face)}" alt="{escape(f"{who}: {item.what}")}">'
    return (
        f'<td><div class="face">{picture}<div><b>{who}</b><br>{escape(item.what)}</div></div></td>'
        f"<td>{item.cover}</td>{cells}"
        f'<td class="{_verdict(right == len(item.same))}">{mark} {right} of {len(item.same)} right</td>'
    )


def _table(header: Sequence[str], rows: Iterable[str]) -> str:
    head = "".join(f'<th scope="col">{title}</th>' for title in header)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    # Focusable, so that the keyboard can scroll it where it is wider than the window.
    return f'<div class="table" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _check(check: Check) -> str:
    mark = "&check;" if check.passed else "&cross; failed:"
    text = f"{escape(check.name)} <span>({escape(check.detail)})</span>"
    return f'<li><b class="{_verdict(check.passed)}">{mark}</b> {text}</li>'


def _system(system: SystemFacts) -> str:
    return f"{escape(system.name)} ({system.image_size} px, <code>{system.system_hash[:12]}</code>)"


def _verdict(right: bool) -> str:
    return "right" if right else "wrong"


def _decibels(psnr_db: float | None) -> str:
    return "no difference" if psnr_db is None else f"{psnr_db:.1f} dB"


def _data_uri(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
