"""The key of a run whose recipe states none: of its name and seed, so that no two systems read each other."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from miais.networks.spec import NetworkSpec
from miais.training.settings import Recipe


def with_public_key(recipe: Recipe) -> Recipe:
    """Give networks on a lattice a key where theirs is None, the same to all of them.

    It is no secret: whoever knows the recipe's name and its seed can draw it. It keeps systems apart, not people; see
    `miais.keys` for a key of one's own.

    Args:
        recipe: Any; one without a lattice, or with a key of its own, comes back as it was.

    Example:
        >>> from miais.recipes import get_recipe
        >>> recipe = with_public_key(get_recipe("strong_single"))
        >>> recipe.networks.classifier.arguments["channel"]["key"][:16]
        '9f9fd03afb685b4b'
    """
    key = hashlib.sha256(f"miais public key\0{recipe.name}\0{recipe.seed}".encode()).hexdigest()
    networks = recipe.networks
    specs = {field.name: getattr(networks, field.name) for field in fields(networks)}
    keyed: dict[str, Any] = {
        name: NetworkSpec(spec.kind, _filled(spec.arguments, key))
        for name, spec in specs.items()
        if isinstance(spec, NetworkSpec)
    }
    return replace(recipe, networks=replace(networks, **keyed))


def _filled(value: Any, key: str) -> Any:
    """Put the key in the place of every open one, however deep."""
    if not isinstance(value, Mapping):
        return value
    return {name: key if name == "key" and part is None else _filled(part, key) for name, part in value.items()}
