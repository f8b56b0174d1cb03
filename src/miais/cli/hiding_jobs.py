"""Which secret of a folder goes into which cover, and where the container goes."""

from dataclasses import dataclass
from pathlib import Path

import typer

from miais.cli.pictures import pictures_of
from miais.data.image_files import SUFFIXES


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
        typer.BadParameter: If `out` cannot be such a folder, or a container would replace a secret or a cover.
    """
    cover_files = pictures_of(covers) if covers.is_dir() else [covers]
    jobs: list[HidingJob] = []
    owners: dict[Path, Path] = {}
    for index, secret in enumerate(pictures_of(secrets)):
        container = out / f"{secret.stem}.png"
        clash = owners.get(container)
        owners.setdefault(container, secret)
        jobs.append(HidingJob(secret, cover_files[index % len(cover_files)], container, clash))
    _check_out(out, secrets, covers, jobs)
    return jobs


def _check_out(out: Path, secrets: Path, covers: Path, jobs: list[HidingJob]) -> None:
    if out.is_file() or out.suffix.lower() in SUFFIXES:
        raise typer.BadParameter(f"{secrets} is a folder, so OUT must be a folder too, got {out}", param_hint="-o")
    if out.resolve() in (secrets.resolve(), covers.resolve()):
        raise typer.BadParameter(
            f"a container in {out} could replace a secret or a cover; choose another folder", param_hint="-o"
        )
    # By what the file system says, since names do not tell: a secret may be a link to a file in OUT.
    inputs = {_file_id(path): path for job in jobs for path in (job.secret, job.cover)}
    for job in jobs:
        there = _file_id(job.container)
        if there is not None and there in inputs:
            raise typer.BadParameter(
                f"the container {job.container} would replace {inputs[there]}, which is the same file; choose another "
                "folder",
                param_hint="-o",
            )


def _file_id(path: Path) -> tuple[int, int] | None:
    """Return what all names of a file have in common; None if there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
