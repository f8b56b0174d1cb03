"""The pictures of a folder, as verbs that take folders see them."""

from pathlib import Path

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
