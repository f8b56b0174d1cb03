"""A folder of secrets into covers, resumable: what an earlier run has done is not done again."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from miais.cli.hide_file import hide_file
from miais.cli.manifest import append_to_manifest, read_manifest, write_manifest
from miais.cli.output import json_line, print_table
from miais.data.image_files import SUFFIXES
from miais.system import StegoSystem, load


@dataclass(frozen=True)
class HidingJob:
    """One secret, the cover that it goes into, and the container to make.

    Attributes:
        secret: A picture.
        cover: A picture.
        container: Where to write.
        clash: The earlier secret that has this container already, or None.
    """

    secret: Path
    cover: Path
    container: Path
    clash: Path | None


def plan(secrets: Path, covers: Path, out: Path) -> list[HidingJob]:
    """Pair secrets and covers: secret i in sorted order goes into cover i mod n in sorted order.

    Args:
        secrets: A folder.
        covers: A folder, or one picture for all secrets.
        out: Folder of the containers.

    Raises:
        ValueError: If a folder has no pictures.
    """
    cover_files = _pictures(covers) if covers.is_dir() else [covers]
    jobs: list[HidingJob] = []
    owners: dict[Path, Path] = {}
    for index, secret in enumerate(_pictures(secrets)):
        container = out / f"{secret.stem}.png"
        clash = owners.get(container)
        owners.setdefault(container, secret)
        jobs.append(HidingJob(secret, cover_files[index % len(cover_files)], container, clash))
    return jobs


def hide_folder(secrets: Path, covers: Path, out: Path, *, model: str, strength: float, as_json: bool) -> None:
    """Hide every secret of a folder, print what was done, and end with exit code 1 if any failed.

    Args:
        secrets: A folder.
        covers: A folder, or one picture for all secrets.
        out: Folder of the containers and `manifest.jsonl`; made if missing.
        model: Name or folder of the system.
        strength: Factor on the change to the covers.
        as_json: Whether to print the manifest's line for each secret instead of a table.

    Raises:
        typer.BadParameter: If `out` cannot be such a folder.
        typer.Exit: With 1, if a secret failed.
    """
    jobs = plan(secrets, covers, out)
    _check_out(out, secrets, covers, jobs)
    system = load(model)
    out.mkdir(parents=True, exist_ok=True)
    manifest = out / "manifest.jsonl"
    settings = {"model": model, "system_hash": system.card.system_hash, "strength": strength}
    done = {
        Path(entry["container"]).name: entry for entry in read_manifest(manifest) if entry.get("container") is not None
    }
    kept = {job.secret: done[job.container.name] for job in jobs if _is_done(job, done, settings)}
    # Containers of an earlier run over other secrets stay listed as long as they are there.
    names = {job.container.name for job in jobs}
    others = [entry for name, entry in done.items() if name not in names and (out / name).is_file()]
    write_manifest(manifest, [*others, *kept.values()])
    entries = []
    with _progress(as_json) as progress:
        for job in progress.track(jobs, description="hiding"):
            entry = kept.get(job.secret)
            if entry is None:
                entry = _attempt(system, job, settings)
                append_to_manifest(manifest, entry)
            entries.append(entry)
            if as_json:
                print(json_line(entry), flush=True)
    write_manifest(manifest, [*others, *entries])
    _conclude(entries, skipped=len(kept), manifest=manifest, as_json=as_json)


def _pictures(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != ".")
    if not files:
        raise ValueError(
            f"{folder}: no pictures in it; expected files ending in {', '.join(sorted(SUFFIXES))} (subfolders are not "
            "searched)"
        )
    return files


def _check_out(out: Path, secrets: Path, covers: Path, jobs: list[HidingJob]) -> None:
    if out.is_file() or out.suffix.lower() in SUFFIXES:
        raise typer.BadParameter(f"{secrets} is a folder, so OUT must be a folder too, got {out}", param_hint="-o")
    inputs = {secrets.resolve(), covers.resolve()}
    if out.resolve() in inputs or any(job.container.resolve() in inputs for job in jobs):
        raise typer.BadParameter(
            f"a container in {out} could replace a secret or a cover; choose another folder", param_hint="-o"
        )


def _is_done(job: HidingJob, done: Mapping[str, Mapping[str, Any]], settings: Mapping[str, object]) -> bool:
    """Whether the container is there, made from this pair with these settings, and not older than the pictures."""
    entry = done.get(job.container.name)
    if entry is None or job.clash is not None or not job.container.is_file():
        return False
    wanted = {**settings, "secret": str(job.secret), "cover": str(job.cover)}
    del wanted["model"]  # One system may be named in two ways; its hash stays the same.
    if any(entry.get(key) != value for key, value in wanted.items()):
        return False
    made = job.container.stat().st_mtime_ns
    return all(path.is_file() and path.stat().st_mtime_ns <= made for path in (job.secret, job.cover))


def _attempt(system: StegoSystem, job: HidingJob, settings: Mapping[str, Any]) -> dict[str, Any]:
    try:
        if job.clash is not None:
            raise ValueError(f"{job.clash} has the container {job.container} already; rename one of the two secrets")
        return {**hide_file(system, job.secret, job.cover, job.container, strength=settings["strength"]), **settings}
    except (ValueError, OSError) as error:
        missing = dict.fromkeys(("container", "psnr_db", "ms_ssim"))
        return {"secret": str(job.secret), "cover": str(job.cover), **missing, **settings, "error": str(error)}


def _progress(as_json: bool) -> Progress:
    console = Console(stderr=True)
    garbled = as_json and sys.stdout.isatty()
    # Unless told otherwise, rich sends what is printed to stdout to the console of the bar, which is stderr.
    return Progress(
        *Progress.get_default_columns(),
        MofNCompleteColumn(),
        console=console,
        redirect_stdout=False,
        disable=garbled or not console.is_terminal,
    )


def _conclude(entries: list[dict[str, Any]], *, skipped: int, manifest: Path, as_json: bool) -> None:
    failed = [entry for entry in entries if "error" in entry]
    decibels = [entry["psnr_db"] for entry in entries if entry["psnr_db"] is not None]
    if not as_json:
        rows = [
            ("hidden", len(entries) - len(failed) - skipped),
            ("done by an earlier run", skipped),
            ("failed", len(failed)),
            ("mean PSNR, dB", sum(decibels) / len(decibels) if decibels else None),
            ("manifest", manifest),
        ]
        print_table(("", ""), rows)
        for entry in failed:
            typer.echo(f"Error: {entry['secret']}: {entry['error']}", err=True)
    if failed:
        typer.echo(
            f"{len(failed)} of {len(entries)} secrets failed; the same command again tries only those.", err=True
        )
        raise typer.Exit(1)
