import json
import re
from dataclasses import asdict, replace

import pytest

from miais.recipes import get_recipe
from miais.training.public_key import with_public_key


def keys(recipe):
    return re.findall(r'"key": (null|"[0-9a-f]+")', json.dumps(asdict(recipe)))


@pytest.mark.parametrize("name", ["strong_single", "strong_robust", "strong_multi"])
def test_all_networks_of_a_run_share_one_key_and_none_is_left_open(name):
    assert set(keys(get_recipe(name))) == {"null"}
    (key,) = set(keys(with_public_key(get_recipe(name))))
    assert len(bytes.fromhex(json.loads(key))) == 32


def test_each_recipe_and_each_seed_has_a_key_of_its_own():
    runs = [replace(get_recipe(name), seed=seed) for name in ("strong_single", "strong_multi") for seed in (1, 2)]
    assert len({keys(with_public_key(run))[0] for run in runs}) == 4


def test_a_stated_key_stays():
    recipe = with_public_key(replace(get_recipe("strong_single"), seed=1))
    assert with_public_key(replace(recipe, seed=2)).networks == recipe.networks


@pytest.mark.parametrize("name", ["digits", "lfw_multi", "paper_single"])
def test_recipes_without_a_lattice_stay_as_they_are(name):
    assert with_public_key(get_recipe(name)) == get_recipe(name)
