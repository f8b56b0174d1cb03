"""Checkpoints: safetensors for tensors, JSON for the rest; written beside and renamed, a killed run loses nothing."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

PREFIX = "step-"
_STATE, _TENSORS = "state.json", "tensors.safetensors"
_TENSOR = "__tensor__"


def save_checkpoint(folder: Path, step: int, state: Mapping[str, Any], *, keep: int = 1) -> Path:
    """Write the state of a run as `folder/step-NNNNNNNN`, then remove older ones.

    Args:
        folder: The run's checkpoint folder, made if missing.
        step: Steps done.
        state: Nested mappings and lists of tensors and JSON values; keys may be integers.
        keep: How many to keep, this one among them.

    Returns:
        The checkpoint's folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{PREFIX}{step:08d}"
    building = folder / ".unfinished"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    tensors: dict[str, Tensor] = {}
    plain = _split(state, "", tensors)
    save_file(tensors, building / _TENSORS)
    (building / _STATE).write_text(json.dumps({"step": step, "state": plain}), encoding="utf-8")
    for path in building.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    if target.exists():
        # A folder cannot replace another one; the older one stays readable until the newer is there.
        aside = folder / f"{target.name}~"
        shutil.rmtree(aside, ignore_errors=True)
        target.rename(aside)
    building.rename(target)
    others = [path for path in _checkpoints(folder) if path != target]
    for old in others[: len(others) - keep + 1]:
        shutil.rmtree(old)
    return target


def has_checkpoint(folder: Path) -> bool:
    """Return whether there is one to load."""
    return bool(_checkpoints(folder))


def load_checkpoint(folder: Path) -> tuple[int, dict[str, Any]]:
    """Read the newest checkpoint of a run.

    Args:
        folder: The run's checkpoint folder.

    Returns:
        Steps done, and the state, tensors on the CPU.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is damaged or not one of ours.
    """
    found = _checkpoints(folder)
    if not found:
        raise FileNotFoundError(f"expected a checkpoint in {folder}, found none; train without --resume to start anew")
    newest = found[-1]
    try:
        content = json.loads((newest / _STATE).read_text(encoding="utf-8"))
        return content["step"], _join(content["state"], load_file(newest / _TENSORS))
    except (ValueError, TypeError, KeyError, SafetensorError) as error:
        raise ValueError(
            f"expected a checkpoint in {newest}, found a damaged or foreign one ({error}); remove this folder and "
            "resume from an older one, or start anew"
        ) from error


def _checkpoints(folder: Path) -> list[Path]:
    """Return the whole ones, oldest first."""
    return sorted(
        path for path in folder.glob(f"{PREFIX}*") if all((path / name).is_file() for name in (_STATE, _TENSORS))
    )


def _split(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        # A clone: tensors that share memory, such as tied weights, cannot be stored by safetensors.
        tensors[path] = value.detach().cpu().contiguous().clone()
        return {_TENSOR: path}
    if isinstance(value, Mapping):
        pairs = [[key, _split(item, f"{path}/{key}", tensors)] for key, item in value.items()]
        return {"__items__": pairs}  # JSON objects would turn integer keys into text
    if isinstance(value, list | tuple):
        return [_split(item, f"{path}/{index}", tensors) for index, item in enumerate(value)]
    return value


def _join(value: Any, tensors: Mapping[str, torch.Tensor]) -> Any:
    if isinstance(value, dict):
        if _TENSOR in value:
            return tensors[value[_TENSOR]]
        return {key: _join(item, tensors) for key, item in value["__items__"]}
    if isinstance(value, list):
        return [_join(item, tensors) for item in value]
    return value
