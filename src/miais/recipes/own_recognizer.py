"""A recipe with a user's own recogniser of plain secrets in place of ours."""

from dataclasses import replace
from typing import Any

from miais.networks.spec import NetworkSpec
from miais.recipes.strong_single import encoder
from miais.training.settings import Recipe

_OURS = 128
"""Dimensions of embeddings where a recogniser does not say."""


def with_recognizer(recipe: Recipe, recognizer: NetworkSpec) -> Recipe:
    """Let the recogniser be the secret classifier, and whatever starts as that one be of its kind.

    On a lattice that is the generator's encoder, and the code has as many symbols as the embedding needs; elsewhere
    both steg-classifiers.
    """
    networks = recipe.networks
    if networks.generator.kind != "lattice":
        return replace(recipe, networks=replace(networks, classifier=recognizer, secret_classifier=recognizer))
    dimensions = recognizer.arguments.get("embedding_dim", _OURS)
    code = dimensions * max(1, networks.generator.arguments["code"] // dimensions)
    hides: dict[str, Any] = {
        **networks.generator.arguments,
        "encoder": encoder(replace(networks, secret_classifier=recognizer)),
        "embedding_dim": dimensions,
        "code": code,
    }
    if hides.get("picture") is not None:  # it comes after the code
        hides["picture"] = {**hides["picture"], "skip": code * hides["channel"]["repeats"]}
    reads = {**networks.classifier.arguments, "embedding_dim": dimensions, "code": code}
    restorer = networks.restorer
    if restorer is not None:
        restorer = replace(restorer, arguments={**restorer.arguments, "picture": hides["picture"]})
    return replace(
        recipe,
        networks=replace(
            networks,
            generator=replace(networks.generator, arguments=hides),
            classifier=replace(networks.classifier, arguments=reads),
            secret_classifier=recognizer,
            restorer=restorer,
        ),
    )
