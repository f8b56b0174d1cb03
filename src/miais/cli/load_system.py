"""The system that a verb was told to use, under the user's key if there is one."""

from pathlib import Path

from miais.keys import read_key
from miais.system import StegoSystem, load


def load_system(model: str, key_file: Path | None) -> StegoSystem:
    """Load a system.

    Args:
        model: Name or folder.
        key_file: See `read_key`; None for the public key that comes with the system.

    Raises:
        ValueError, FileNotFoundError: As `read_key` and `load`.
    """
    return load(model, key=None if key_file is None else read_key(key_file))
