"""Where a new gallery may lie."""

from pathlib import Path


def check_parent(path: Path) -> None:
    """Refuse a place in a folder that is not there: a slip of the pen would make folders that nobody finds again.

    Raises:
        FileNotFoundError: If it is not.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: the folder {path.parent} is not there; make it first, or mend the path")
