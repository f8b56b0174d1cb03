"""The ablation: each row changes what it says and nothing else."""

from dataclasses import asdict

import pytest

from miais.experiments.ablation.rows import ROWS, recipe_of, rows_of
from miais.experiments.ablation.table import over_seeds
from miais.network_kinds import CLASSIFIERS, GENERATORS, RESTORERS
from miais.networks.spec import build_network
from miais.recipes import get_recipe
from miais.training.public_key import with_public_key


def flat(value, name=""):
    if not isinstance(value, dict):
        return {name: value}
    return {key: item for part, inner in value.items() for key, item in flat(inner, f"{name}.{part}").items()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_changes_its_settings_alone_and_can_be_built(row):
    recipe, full = recipe_of(row, 40, seed=3), recipe_of(rows_of(row.group)[0], 40, seed=3)
    assert recipe.phase.steps == (row.steps or 40)
    assert recipe.seed == 3
    networks = with_public_key(recipe).networks
    build_network(networks.generator, GENERATORS)
    build_network(networks.classifier, CLASSIFIERS, num_identities=4)
    if networks.restorer is not None:
        build_network(networks.restorer, RESTORERS)
    if row.recipe != get_recipe(rows_of(row.group)[0].recipe).name:
        return  # another recipe altogether
    before, after = flat(asdict(full)), flat(asdict(recipe))
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert bool(changed) == bool(row.changes or row.steps or row.joint_share is not None)
    allowed = {change.partition("=")[0].split(".")[-1] for change in row.changes} | {"joint_steps"}
    if row.steps:
        allowed |= {"phase.steps", "validate_every"}
    assert all(any(part in name for part in allowed) for name in changed), changed


def test_every_group_starts_with_the_full_recipe_and_no_name_is_twice():
    assert len({row.name for row in ROWS}) == len(ROWS)
    for group in ("single", "robust", "multi", "digits"):
        assert rows_of(group)[0].without == "nothing"


def test_seeds_are_averaged_and_what_is_not_there_stays_so():
    def record(drop, minutes):
        scores = {"none": {"drop": drop, "restored_db": None}}
        values = {"without": "x", "steps": 5, "minutes": minutes, "scores": scores}
        return {"values": values, "provenance": {"commit": f"of {minutes}"}}

    both = over_seeds("row", [record(1.0, 2.0), record(-0.5, 4.0)])
    assert [one["commit"] for one in both["provenance"]] == ["of 2.0", "of 4.0"]
    values = both["values"]
    assert values["scores"]["none"]["drop"] == {"mean": 0.25, "low": -0.5, "high": 1.0}
    assert values["scores"]["none"]["restored_db"] is None
    assert (values["seeds"], values["minutes"]) == (2, 3.0)
