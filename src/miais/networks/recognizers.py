"""Networks that recognise plain secrets: v of Eq. 5, and what a generator on a lattice looks with."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from miais.networks.inception import InceptionClassifier
from miais.networks.residue_classifier import ResidueClassifier

RECOGNIZERS: dict[str, Callable[..., nn.Module]] = {
    "residue": ResidueClassifier,
    "inception": InceptionClassifier,
}


def load_all_but_head(network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Give a recogniser the weights of another one of its kind, and leave it its own head, which knows other people.

    Raises:
        RuntimeError: If they do not fit.
    """
    own = {name: tensor for name, tensor in network.state_dict().items() if name.startswith("head")}
    network.load_state_dict({**weights, **own})
