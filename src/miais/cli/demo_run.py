"""The demo's steps. Whatever is measured, is measured from the saved files, read again."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from miais.cli.demo_pictures import Face, write_covers, write_faces
from miais.cli.demo_report import (
    RESIDUAL_GAIN,
    Comparison,
    CoverReport,
    DemoReport,
    HiddenPicture,
    RestoredPicture,
    SystemFacts,
)
from miais.cli.fidelity import fidelity
from miais.cli.report_page import report_page
from miais.image import read_image, resize, to_uint8, write_png
from miais.system import StegoSystem, load

FAR = 1e-2


def run_demo(
    out: Path,
    *,
    recogniser: str | Path = "lfw-single",
    restorer: str | Path = "lfw-multi",
    announce: Callable[[str], None] = lambda step: None,
) -> DemoReport:
    """Hide a face in photographs, recognise and restore it, and write `report.html` and `report.json`.

    Args:
        out: Folder for all pictures and the report; made if missing.
        recogniser: Name or folder of the system for recognition.
        restorer: Name or folder of the multitask system for restoration.
        announce: Called with the name of each step.

    Returns:
        The report, also where a check failed.

    Raises:
        ModuleNotFoundError: If the pictures' packages are not installed.
        ValueError: If a system has no threshold or no restorer, or a file cannot be written or read.
    """
    start = time.perf_counter()
    announce("Loading the systems")
    systems = load(recogniser), load(restorer)
    threshold = systems[0].card.threshold_at(FAR).threshold
    announce("Writing covers and faces")
    covers = write_covers(out / "covers")
    secret, faces = write_faces(out / "faces")
    announce(f"Hiding the secret in {len(covers)} covers with both systems, and restoring it")
    cover_reports = tuple(_use_cover(out, systems, secret, cover) for cover in covers)
    announce(f"Hiding {len(faces)} other faces, and comparing the containers")
    secrets = _embed(systems[0], [out / cover.recognised.container for cover in cover_reports])
    comparisons = tuple(
        _compare(out, systems[0], face, covers[number % len(covers)], secrets, threshold)
        for number, face in enumerate(faces)
    )
    report = DemoReport(
        recogniser=_facts(systems[0]),
        restorer=_facts(systems[1]),
        secret=secret.relative_to(out).as_posix(),
        far=FAR,
        threshold=threshold,
        covers=cover_reports,
        comparisons=comparisons,
        seconds=round(time.perf_counter() - start, 1),
    )
    announce("Writing the report")
    _write_report(out, report)
    return report


def _use_cover(out: Path, systems: tuple[StegoSystem, StegoSystem], secret: Path, cover: Path) -> CoverReport:
    recogniser, restorer = systems
    picture = read_image(cover)
    recognised = _hide(out, recogniser, secret, cover, "recognise")
    change = read_image(out / recognised.container) - picture
    residual = _write(out / "residuals" / cover.name, (0.5 + RESIDUAL_GAIN * change).clamp(0, 1))
    restorable = _hide(out, restorer, secret, cover, "restore")
    restored = _write(out / "restored" / cover.name, restorer.restore(read_image(out / restorable.container)))
    side = restorer.card.image_size
    measured = fidelity(read_image(restored), resize(read_image(secret), (side, side)))
    return CoverReport(
        name=cover.stem,
        picture=cover.relative_to(out).as_posix(),
        size=f"{picture.shape[2]}x{picture.shape[1]}",
        recognised=recognised,
        residual=residual.relative_to(out).as_posix(),
        restorable=restorable,
        restored=RestoredPicture(restored.relative_to(out).as_posix(), measured["psnr_db"], measured["ms_ssim"]),
    )


def _compare(out: Path, system: StegoSystem, face: Face, cover: Path, secrets: Tensor, threshold: float) -> Comparison:
    hidden = _hide(out, system, face.path, cover, "recognise")
    distances = (_embed(system, [out / hidden.container]) - secrets).norm(dim=1).tolist()
    return Comparison(
        face=face.path.relative_to(out).as_posix(),
        what=face.what,
        cover=cover.stem,
        expected_same=face.same,
        hidden=hidden,
        distances=tuple(distances),
        same=tuple(distance < threshold for distance in distances),
    )


def _hide(out: Path, system: StegoSystem, secret: Path, cover: Path, purpose: str) -> HiddenPicture:
    picture = read_image(cover)
    container = system.hide(read_image(secret), picture)
    path = _write(out / "containers" / f"{purpose}-{secret.stem}-in-{cover.name}", container)
    saved = read_image(path)
    same_size = saved.shape == picture.shape
    measured = fidelity(saved, picture) if same_size else {"psnr_db": None, "ms_ssim": None}
    return HiddenPicture(
        container=path.relative_to(out).as_posix(),
        exact=torch.equal(to_uint8(saved), to_uint8(container)),
        same_size=same_size,
        psnr_db=measured["psnr_db"],
        ms_ssim=measured["ms_ssim"],
    )


def _embed(system: StegoSystem, containers: list[Path]) -> Tensor:
    return torch.cat([system.embed(read_image(path)) for path in containers])


def _write(path: Path, picture: Tensor) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, picture)
    return path


def _facts(system: StegoSystem) -> SystemFacts:
    card = system.card
    return SystemFacts(card.name, card.system_hash, card.image_size, card.psnr_db)


def _write_report(out: Path, report: DemoReport) -> None:
    content = {
        "passed": not report.failed_checks,
        "checks": [asdict(check) for check in report.checks],
        "same_accepted": report.same_accepted,
        "different_refused": report.different_refused,
        **asdict(report),
    }
    (out / "report.json").write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    (out / "report.html").write_text(report_page(report, out), encoding="utf-8")
