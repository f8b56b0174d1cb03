"""The pictures of a folder, as verbs that take folders see them, and how far such a verb is."""

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from miais.data.image_files import SUFFIXES


def pictures_of(folder: Path) -> list[Path]:
    """List the pictures in a folder, sorted; files are told by their suffix, and subfolders are not searched.

    Raises:
        ValueError: If it has none.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != ".")
    if not files:
        raise ValueError(
            f"{folder}: no pictures in it; expected files ending in {', '.join(sorted(SUFFIXES))} (subfolders are not "
            "searched)"
        )
    return files


def progress_over_files(as_json: bool) -> Progress:
    """Return a progress bar on a terminal's stderr, or a silent one where it would garble lines of JSON."""
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
