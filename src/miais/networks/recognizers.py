"""Networks that recognise plain secrets: v of Eq. 5, and what a generator on a lattice looks with."""

from collections.abc import Callable

from torch import nn

from miais.networks.inception import InceptionClassifier
from miais.networks.residue_classifier import ResidueClassifier

RECOGNIZERS: dict[str, Callable[..., nn.Module]] = {
    "residue": ResidueClassifier,
    "inception": InceptionClassifier,
}
