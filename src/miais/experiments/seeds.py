"""Rows that were computed with several seeds, as one."""

from collections.abc import Mapping, Sequence
from typing import Any


def spread(values: Sequence[Any]) -> Any:
    """Combine what several seeds gave.

    Args:
        values: Numbers, None, or mappings of such with the same keys.

    Returns:
        For numbers `mean`, `low` and `high`, the least and the largest; None if there is none; mappings of them.

    Example:
        >>> spread([{"auc": 0.5}, {"auc": 1.0}])
        {'auc': {'mean': 0.75, 'low': 0.5, 'high': 1.0}}
    """
    if isinstance(values[0], Mapping):
        return {key: spread([value[key] for value in values]) for key in values[0]}
    known = [value for value in values if value is not None]
    return {"mean": sum(known) / len(known), "low": min(known), "high": max(known)} if known else None
