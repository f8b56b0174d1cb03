"""Whether `miais enroll` was told enough, which is said before torch and a system are loaded."""

from collections.abc import Sequence
from pathlib import Path

import typer

from miais.gallery.names import checked_name


def check_enroll_usage(
    name: str | None, images: Sequence[Path], people: Path | None, *, cover: Path | None, crop_face: bool
) -> None:
    """Refuse arguments of which nothing could be enrolled.

    Args:
        name: Of the one person whose images are given, or None.
        images: Files of that person.
        people: A folder with a folder for each person, or None.
        cover: What photographs are hidden in, or None.
        crop_face: Whether faces are looked for.

    Raises:
        typer.BadParameter: If it is neither a person nor a folder, or both, or no name; or a face would be looked for
            in a container.
    """
    if cover is None and crop_face:
        raise typer.BadParameter("a container has no face to find; add --cover", param_hint="--crop-face")
    if people is not None:
        if name is not None:
            raise typer.BadParameter(f"the folders in it are the names: leave out {name!r}", param_hint="--people")
        if not people.is_dir():
            raise typer.BadParameter(f"expected a folder with one for each person, got {people}", param_hint="--people")
        return
    if name is None or not images:
        raise typer.BadParameter("give a NAME and the containers of that person, or --people", param_hint="NAME")
    try:
        checked_name(name)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="NAME") from error
