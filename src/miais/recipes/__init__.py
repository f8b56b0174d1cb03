"""Whole runs, as functions that return settings."""

import difflib
from collections.abc import Callable
from functools import partial

from miais.peers import PEERS
from miais.recipes.digits import digits_single
from miais.recipes.lfw import lfw_multi, lfw_single
from miais.recipes.official import official_multi, official_single
from miais.recipes.paper import paper_multi, paper_single, table3_row
from miais.recipes.peers import peer_recipe
from miais.recipes.strong_multi import strong_multi
from miais.recipes.strong_robust import strong_robust
from miais.recipes.strong_single import strong_single
from miais.training.settings import Recipe

__all__ = ["RECIPES", "get_recipe"]

RECIPES: dict[str, Callable[[], Recipe]] = {
    "digits": digits_single,
    "lfw_single": lfw_single,
    "lfw_multi": lfw_multi,
    "strong_single": strong_single,
    "strong_robust": strong_robust,
    "strong_multi": strong_multi,
    "paper_single": paper_single,
    "paper_multi": paper_multi,
    "paper_baseline": lambda: table3_row(content=False, minimax=False),
    "paper_baseline_content": lambda: table3_row(content=True, minimax=False),
    "paper_baseline_minimax": lambda: table3_row(content=False, minimax=True),
    "official_single": official_single,
    "official_multi": official_multi,
    **{f"peer_{method}": partial(peer_recipe, method) for method in PEERS},
}


def get_recipe(name: str) -> Recipe:
    """Return a recipe by name.

    Raises:
        ValueError: If there is none; the text names the near one.
    """
    if name not in RECIPES:
        near = difflib.get_close_matches(name, RECIPES, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"no recipe {name!r}; {hint}there are {', '.join(RECIPES)}")
    return RECIPES[name]()
