"""`--set key=value`: one setting of a recipe by its dotted name."""

import dataclasses
import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def with_overrides(settings: T, assignments: Iterable[str]) -> T:
    """Return settings with some fields changed.

    Args:
        settings: A frozen dataclass, nested ones and mappings inside.
        assignments: Texts such as "phase.steps=100"; values are JSON, or plain text.

    Raises:
        ValueError: If a text is no assignment, a name is unknown (the near one is named), or a value has another type
            than the one it replaces or is refused by the settings.

    Example:
        >>> from miais.recipes import get_recipe
        >>> with_overrides(get_recipe("digits"), ["phase.steps=7"]).phase.steps
        7
    """
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name:
            raise ValueError(f"expected key=value, such as phase.steps=100, got {assignment!r}")
        settings = _replaced(settings, name.split("."), _value(text), name)
    return settings


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _replaced(holder: Any, path: list[str], value: Any, name: str) -> Any:
    first, *rest = path
    if isinstance(holder, Mapping):
        if rest and first not in holder:
            raise ValueError(f"{name}: no setting {first!r}, only {list(holder)}")
        return {**holder, first: _replaced(holder[first], rest, value, name) if rest else value}
    if not dataclasses.is_dataclass(holder) or isinstance(holder, type):
        raise ValueError(f"{name}: {first!r} is not a setting of a group of settings")
    known = [field.name for field in dataclasses.fields(holder)]
    if first not in known:
        near = difflib.get_close_matches(first, known, n=1)
        raise ValueError(
            f"{name}: no setting {first!r}, " + (f"did you mean {near[0]!r}?" if near else f"only {known}")
        )
    old = getattr(holder, first)
    new = _replaced(old, rest, value, name) if rest else _fitted(old, value, name, get_type_hints(type(holder))[first])
    return dataclasses.replace(holder, **{first: new})


def _fitted(old: Any, value: Any, name: str, hint: Any) -> Any:
    if get_origin(hint) is Literal and value not in get_args(hint):
        raise ValueError(f"{name}: expected one of {', '.join(map(str, get_args(hint)))}, got {value!r}")
    if isinstance(old, tuple) and isinstance(value, list):
        return tuple(value)
    if isinstance(old, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if old is None or value is None or type(old) is type(value):
        return value
    raise ValueError(f"{name}: expected {type(old).__name__}, like {old!r}, got {value!r}")
