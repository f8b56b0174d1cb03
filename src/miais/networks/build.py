"""Networks from their names and arguments, as a system's card stores them."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from miais.networks.beginnings import SharesWeights
from miais.networks.inception import InceptionClassifier
from miais.networks.invertible.generator import InvertibleGenerator
from miais.networks.invertible.restorer import InvertibleRestorer
from miais.networks.lattice.classifier import LatticeClassifier
from miais.networks.lattice.generator import LatticeGenerator
from miais.networks.lattice.restorer import LatticeRestorer
from miais.networks.residual import ResidualGenerator
from miais.networks.residue_classifier import ResidueClassifier
from miais.networks.residue_restorer import ResidueRestorer
from miais.networks.restorer import Restorer
from miais.networks.unet import UNetGenerator

GENERATORS: dict[str, Callable[..., nn.Module]] = {
    "residual": ResidualGenerator,
    "unet": UNetGenerator,
    "lattice": LatticeGenerator,
    "invertible": InvertibleGenerator,
}
CLASSIFIERS: dict[str, Callable[..., nn.Module]] = {
    "residue": ResidueClassifier,
    "inception": InceptionClassifier,
    "lattice": LatticeClassifier,
}
RESTORERS: dict[str, Callable[..., nn.Module]] = {
    "plain": Restorer,
    "residue": ResidueRestorer,
    "lattice": LatticeRestorer,
    "invertible": InvertibleRestorer,
}


@dataclass(frozen=True)
class NetworkSpec:
    """A network's kind and the arguments of its class.

    Attributes:
        kind: A key of `GENERATORS`, `CLASSIFIERS` or `RESTORERS`.
        arguments: Keyword arguments, JSON values only.
    """

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def build_network(spec: NetworkSpec, kinds: Mapping[str, Callable[..., nn.Module]], **more: object) -> nn.Module:
    """Make a network with fresh weights.

    Args:
        spec: Kind and arguments.
        kinds: `GENERATORS`, `CLASSIFIERS` or `RESTORERS`.
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


def build_restorer(spec: NetworkSpec | None, generator: nn.Module) -> nn.Module | None:
    """Make the restorer of a generator, with fresh weights or, where it runs the generator's, with those.

    Args:
        spec: Kind and arguments; None for a single-task system, which has none.
        generator: h, made before.

    Raises:
        ValueError: As `build_network`, or if the restorer runs its generator's weights and does not fit this one.
    """
    if spec is None:
        return None
    restorer = build_network(spec, RESTORERS)
    if isinstance(restorer, SharesWeights):
        restorer.share(generator)
    return restorer


def _first_line(error: Exception) -> str:
    """Leave out the stack that torch appends to its messages."""
    return str(error).partition("\n")[0]
