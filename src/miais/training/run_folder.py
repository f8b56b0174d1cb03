"""The folder of a run: whether it may be used, and what it was made with, so that it is resumed with nothing else."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from miais.training.checkpoint import has_checkpoint

PHASES = ("pretrain", "minimax", "training")
SETTINGS_FILE = "settings.json"
_SHOWN = 5


def check_folder(folder: Path, first_phase: str, settings: Mapping[str, Any], *, resume: bool) -> None:
    """Refuse a folder that a run must not be started or resumed in.

    Args:
        folder: Of the run.
        first_phase: Of the run: a run that takes another one's secret classifier has no pretraining.
        settings: All that decides what comes out, JSON values.
        resume: Whether the run goes on.

    Raises:
        FileExistsError: If there is a run already and `resume` is False.
        FileNotFoundError: If there is nothing to resume.
        ValueError: If the run was started with other settings.
    """
    trained = [phase for phase in PHASES if has_checkpoint(folder / phase / "checkpoint")]
    if trained and not resume:
        raise FileExistsError(f"{folder} has a run already; add --resume {folder}, or choose another --out")
    if not resume:
        return
    if first_phase not in trained:
        advice = "give its --start-from again" if trained else "train without --resume to start anew"
        raise FileNotFoundError(f"expected a checkpoint in {folder / first_phase}, found none; {advice}")
    _compare(folder / SETTINGS_FILE, settings)


def write_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """Write down what a run is made with, by a temporary name."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{SETTINGS_FILE}.tmp"
    temporary.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, folder / SETTINGS_FILE)


def changed_settings(before: Any, now: Mapping[str, Any]) -> str:
    """Say which settings differ, by their dotted names; the empty text if none does.

    Args:
        before: As read from a file.
        now: JSON values.

    Example:
        >>> changed_settings({"data": {"batch": 8}, "seed": 1}, {"data": {"batch": 4}, "seed": 1})
        'data.batch was 8, now 4'
    """
    old, new = (dict(_leaves(tree)) for tree in (before, json.loads(json.dumps(now))))
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name) or (name in old) != (name in new)]
    shown = "; ".join(f"{name} was {old.get(name)!r}, now {new.get(name)!r}" for name in changed[:_SHOWN])
    return shown + (f"; and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else "")


def _compare(file: Path, settings: Mapping[str, Any]) -> None:
    try:
        before = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(
            f"expected the settings of the run in {file}, cannot read them ({error}); start anew"
        ) from None
    changes = changed_settings(before, settings)
    if changes:
        raise ValueError(
            f"{file.parent} was started with other settings: {changes}. Resume with the same --set options, data "
            "and version of miais, or start anew in another --out"
        )


def _leaves(tree: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value that is not a mapping by its dotted name."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, f"{name}.{key}" if name else key)
    else:
        yield name, tree
