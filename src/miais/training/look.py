"""What a classifier answers, and what it saw on the way."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from torch import Tensor, nn

from miais.networks.recognition import Recognition


class Look(NamedTuple):
    """A classifier's look at a batch of images.

    Attributes:
        answer: Embedding and logits.
        maps: What the named layers gave, in the order of the names.
    """

    answer: Recognition
    maps: list[Tensor]


def look(classifier: nn.Module, images: Tensor, layers: Sequence[str] = ()) -> Look:
    """Call a classifier and keep what some of its layers gave.

    Args:
        classifier: Any steg-classifier.
        images: Shape (N, 3, S, S), range [0, 1].
        layers: Names of layers as in `named_modules`.

    Raises:
        ValueError: If the classifier has no such layer.
    """
    kept: dict[str, Tensor] = {}

    def keep(name: str, module: nn.Module, inputs: object, output: Tensor) -> None:
        kept[name] = output

    modules = [_layer(classifier, name) for name in layers]
    hooks = [module.register_forward_hook(partial(keep, name)) for name, module in zip(layers, modules, strict=True)]
    try:
        answer: Recognition = classifier(images)
    finally:
        for hook in hooks:
            hook.remove()
    return Look(answer, [kept[name] for name in layers])


def _layer(classifier: nn.Module, name: str) -> nn.Module:
    try:
        return classifier.get_submodule(name)
    except AttributeError:
        known = ", ".join(known for known, _ in classifier.named_modules() if known.count(".") == 1)
        raise ValueError(f"expected layers of {type(classifier).__name__}, such as {known}; got {name}") from None
