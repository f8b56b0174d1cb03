"""Figures as files."""

import importlib.util
import os
from pathlib import Path
from typing import Any


def require_matplotlib() -> None:
    """Ask for matplotlib before hours are spent on what it shall draw.

    Raises:
        ModuleNotFoundError: If it is not installed.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise ModuleNotFoundError("the figure is drawn with matplotlib; run: pip install 'miais[report]'")


def write_figure(figure: Any, path: Path) -> None:
    """Write a matplotlib figure as PNG, in full or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    figure.savefig(temporary, format="png", dpi=130)
    os.replace(temporary, path)
