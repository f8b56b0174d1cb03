"""A folder of secrets into covers, resumable: what an earlier run has done is not done again."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import typer

from miais.cli.face_option import note_of_faces
from miais.cli.hide_file import note_if_not_restorable
from miais.cli.hider import Hider
from miais.cli.hiding_jobs import HidingJob, plan
from miais.cli.manifest import append_to_manifest, read_manifest, write_manifest
from miais.cli.output import json_line, print_table
from miais.cli.pictures import progress_over_files


def hide_folder(
    secrets: Path, covers: Path, out: Path, *, model: str, make_hider: Callable[[], Hider], as_json: bool
) -> None:
    """Hide every secret of a folder, print what was done, and end with exit code 1 if any failed.

    Args:
        secrets: A folder.
        covers: A folder, or one picture for all secrets.
        out: Folder of the containers and `manifest.jsonl`; made if missing.
        model: Name or folder of the system.
        make_hider: Loads what hides, once the folders are known to be good.
        as_json: Whether to print the manifest's line for each secret instead of a table.

    Raises:
        typer.BadParameter: As `plan`.
        typer.Exit: With 1, if a secret failed.
    """
    jobs = plan(secrets, covers, out)
    hider = make_hider()
    system = hider.system
    if not as_json:
        note_if_not_restorable(system)
    out.mkdir(parents=True, exist_ok=True)
    manifest = out / "manifest.jsonl"
    settings = {
        "model": model,
        "system_hash": system.card.system_hash,
        "key": system.key_fingerprint,
        "strength": hider.strength,
        "face_finder": None if hider.finder is None else hider.finder.name,
    }
    done = {
        Path(entry["container"]).name: entry for entry in read_manifest(manifest) if entry.get("container") is not None
    }
    # Listed where they are now: the folder may have another name than when they were made.
    kept = {
        job.secret: {**done[job.container.name], "container": str(job.container)}
        for job in jobs
        if _is_done(job, done, settings, hider)
    }
    # Containers of an earlier run over other secrets stay listed as long as they are there.
    names = {job.container.name for job in jobs}
    others = [
        {**entry, "container": str(out / name)}
        for name, entry in done.items()
        if name not in names and (out / name).is_file()
    ]
    write_manifest(manifest, [*others, *kept.values()])
    entries = []
    with progress_over_files(as_json) as progress:
        for job in progress.track(jobs, description="hiding"):
            entry = kept.get(job.secret)
            if entry is None:
                entry = _attempt(hider, job, settings)
                append_to_manifest(manifest, entry)
            entries.append(entry)
            if as_json:
                print(json_line(entry), flush=True)
    write_manifest(manifest, [*others, *entries])
    _conclude(entries, skipped=len(kept), manifest=manifest, as_json=as_json)


def _is_done(
    job: HidingJob, done: Mapping[str, Mapping[str, Any]], settings: Mapping[str, object], hider: Hider
) -> bool:
    """Whether the container is there, made from this pair, as the files are now, with these settings."""
    entry = done.get(job.container.name)
    if entry is None or job.clash is not None or not job.container.is_file():
        return False
    if hider.shield is not None and "check" not in entry:
        return False
    wanted = {**settings, "secret": str(job.secret), "secret_version": _version(job.secret)}
    if not hider.chooses:  # a cover that was chosen stays chosen
        wanted |= {"cover": str(job.cover), "cover_version": _version(job.cover)}
    del wanted["model"]  # One system may be named in two ways; its hash stays the same.
    # Only the user's key and the finder may be missing: a file that cannot be asked for its version is read again.
    optional = ("key", "face_finder")
    return all(entry.get(name) == value and (value is not None or name in optional) for name, value in wanted.items())


def _version(path: Path) -> str | None:
    """Size and time of a picture, so that a replaced one is noticed, also where the new file is an older one."""
    try:
        status = path.stat()
    except OSError:  # reading the picture says what is wrong
        return None
    # A text: as a number, nanoseconds are too large for most readers of JSON.
    return f"{status.st_size} bytes, {status.st_mtime_ns} ns"


def _attempt(hider: Hider, job: HidingJob, settings: Mapping[str, Any]) -> dict[str, Any]:
    try:
        if job.clash is not None:
            raise ValueError(f"{job.clash} has the container {job.container} already; rename one of the two secrets")
        # Before reading: a picture that changes meanwhile is hidden again next time.
        secret, cover = _version(job.secret), _version(job.cover)
        done = hider.hide(job.secret, job.cover, job.container)
        if hider.chooses:
            cover = _version(Path(done["cover"]))
        return {**done, **settings, "secret_version": secret, "cover_version": cover}
    except (ValueError, OSError) as error:
        missing = dict.fromkeys(("container", "psnr_db", "ms_ssim"))
        return {"secret": str(job.secret), "cover": str(job.cover), **missing, **settings, "error": str(error)}


def _conclude(entries: list[dict[str, Any]], *, skipped: int, manifest: Path, as_json: bool) -> None:
    failed = [entry for entry in entries if "error" in entry]
    decibels = [entry["psnr_db"] for entry in entries if entry.get("psnr_db") is not None]
    if not as_json:
        rows = [
            ("hidden", len(entries) - len(failed) - skipped),
            ("done by an earlier run", skipped),
            ("failed", len(failed)),
            ("mean PSNR, dB", sum(decibels) / len(decibels) if decibels else None),
            ("manifest", manifest),
        ]
        warned = [entry for entry in entries if entry.get("warning")]
        if any("check" in entry for entry in entries):
            rows.insert(3, ("stand out among clean pictures", len(warned)))
        print_table(("", ""), rows)
        for entry in warned:
            typer.echo(f"Warning: {entry['container']}: {entry['warning']}", err=True)
        for entry in entries:
            note = note_of_faces(entry)
            if note is not None:
                typer.echo(f"Warning: {entry['secret']}: {note}", err=True)
        for entry in failed:
            named = entry["error"].startswith(f"{entry['secret']}: ")
            typer.echo(f"Error: {entry['error']}" if named else f"Error: {entry['secret']}: {entry['error']}", err=True)
    if failed:
        typer.echo(
            f"{len(failed)} of {len(entries)} secrets failed; the same command again tries only those.", err=True
        )
        raise typer.Exit(1)
