"""Networks from their kinds and arguments, as a system's card stores them."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn


@dataclass(frozen=True)
class NetworkSpec:
    """A network's kind and the arguments of its class.

    Attributes:
        kind: A key of `RECOGNIZERS`, `GENERATORS`, `CLASSIFIERS` or `RESTORERS`.
        arguments: Keyword arguments, JSON values only.
    """

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def build_network(spec: NetworkSpec, kinds: Mapping[str, Callable[..., nn.Module]], **more: object) -> nn.Module:
    """Make a network with fresh weights.

    Args:
        spec: Kind and arguments.
        kinds: One of these tables.
        more: Arguments that the caller knows, such as the number of identities.

    Raises:
        ValueError: If the kind or an argument is unknown (the text names the near ones), or no network of these sizes
            can be made.
    """
    if str(spec.kind) not in kinds:
        near = difflib.get_close_matches(str(spec.kind), kinds, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"expected a network kind out of {', '.join(kinds)}, got {spec.kind!r}{hint}")
    try:
        return kinds[spec.kind](**spec.arguments, **more)
    except (TypeError, AttributeError) as error:  # timm asks any value for the methods of a text
        raise ValueError(
            f"network {spec.kind!r} does not take the arguments {spec.arguments}: {_first_line(error)}"
        ) from error
    except (RuntimeError, MemoryError, ArithmeticError) as error:  # sizes that are absurd, or too much for the memory
        raise ValueError(
            f"network {spec.kind!r} cannot be made with the arguments {dict(spec.arguments) | more}: "
            f"{_first_line(error)}"
        ) from error


def _first_line(error: Exception) -> str:
    """Leave out the stack that torch appends to its messages."""
    return str(error).partition("\n")[0]
