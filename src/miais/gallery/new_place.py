"""Where a gallery lies on the disk."""

from pathlib import Path


def make_place(path: Path) -> None:
    """Make a gallery's folder, if it is not there, for its owner alone: who is enrolled is nobody else's business.

    Raises:
        FileNotFoundError: If the folder that it would be in is not there: a slip of the pen would make folders that
            nobody finds again.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: the folder {path.parent} is not there; make it first, or mend the path")
    if not path.exists():
        path.mkdir(mode=0o700)
