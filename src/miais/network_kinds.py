"""The kinds of networks that there are, by the names that a system's card stores."""

from collections.abc import Callable

from torch import nn

from miais.networks.lattice.classifier import LatticeClassifier
from miais.networks.lattice.generator import LatticeGenerator
from miais.networks.lattice.restorer import LatticeRestorer
from miais.networks.recognizers import RECOGNIZERS
from miais.networks.residual import ResidualGenerator
from miais.networks.residue_restorer import ResidueRestorer
from miais.networks.restorer import Restorer
from miais.networks.unet import UNetGenerator
from miais.peers.networks import PeerGenerator, PeerRestorer

GENERATORS: dict[str, Callable[..., nn.Module]] = {
    "residual": ResidualGenerator,
    "unet": UNetGenerator,
    "lattice": LatticeGenerator,
    "peer": PeerGenerator,
}
CLASSIFIERS: dict[str, Callable[..., nn.Module]] = {**RECOGNIZERS, "lattice": LatticeClassifier}
RESTORERS: dict[str, Callable[..., nn.Module]] = {
    "plain": Restorer,
    "residue": ResidueRestorer,
    "lattice": LatticeRestorer,
    "peer": PeerRestorer,
}
