"""The kinds of networks that there are, by the names that a system's card stores."""

from collections.abc import Callable

from torch import nn

from miais.networks.beginnings import SharesWeights
from miais.networks.invertible.generator import InvertibleGenerator
from miais.networks.invertible.restorer import InvertibleRestorer
from miais.networks.lattice.classifier import LatticeClassifier
from miais.networks.lattice.generator import LatticeGenerator
from miais.networks.lattice.restorer import LatticeRestorer
from miais.networks.recognizers import RECOGNIZERS
from miais.networks.residual import ResidualGenerator
from miais.networks.residue_restorer import ResidueRestorer
from miais.networks.restorer import Restorer
from miais.networks.spec import NetworkSpec, build_network
from miais.networks.unet import UNetGenerator

GENERATORS: dict[str, Callable[..., nn.Module]] = {
    "residual": ResidualGenerator,
    "unet": UNetGenerator,
    "lattice": LatticeGenerator,
    "invertible": InvertibleGenerator,
}
CLASSIFIERS: dict[str, Callable[..., nn.Module]] = {**RECOGNIZERS, "lattice": LatticeClassifier}
RESTORERS: dict[str, Callable[..., nn.Module]] = {
    "plain": Restorer,
    "residue": ResidueRestorer,
    "lattice": LatticeRestorer,
    "invertible": InvertibleRestorer,
}


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
