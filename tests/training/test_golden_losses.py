"""Losses of two steps of each stage, as they were when this was written: whoever changes them must mean to.

After a change that is meant, from the repository's root:

    PYTHONPATH=src:tests python tests/training/test_golden_losses.py
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.small_training import SIZE, small_batch, small_recipe, small_task

from miais.training.minimax import stage_at
from miais.training.objective_settings import (
    ClassifierWeights,
    GeneratorWeights,
    IdentitySettings,
    LossSettings,
    MinimaxSettings,
)
from miais.training.settings import OptimizerSettings, Recipe, TransitSettings

# Small steps without Adam, whose first ones follow the sign of gradients that are nearly zero: other machines round
# differently, and that must not grow.
MOVES = OptimizerSettings("sgd", lr=1e-4, clip_norm=10.0)
FILE = Path(__file__).with_name("golden_losses.json")
STEPS = 6


def ours() -> Recipe:
    """All that the recipes of ours use, with numbers of its own, since theirs are tuned."""
    identity = IdentitySettings(1.0, 0.5, triplet_margin=3.0, triplet_roles="both", logit_margin=3.2)
    weights = GeneratorWeights(10.0, 0.5, 0.3, 0.1, 10.0, 1.0, 0.01)
    return replace(
        small_recipe("lfw_multi", steps=STEPS),
        minimax=MinimaxSettings(
            losses=LossSettings(identity, restoration_mse=10.0, hint_layers=("trunk.2", "trunk.6")),
            stage_a=ClassifierWeights(0.3, 0.1, 1.0, 0.01),
            stage_b=weights,
            joint=weights,
        ),
        transit=TransitSettings(False, 28.0, 44.0, 0.5, sizes=(SIZE, 48)),  # 8-bit rounding would make steps of it
    )


RECIPES = {
    "paper_multi": lambda: small_recipe("paper_multi", steps=STEPS),
    "official_single": lambda: small_recipe("official_single", steps=STEPS),
    "official_multi": lambda: small_recipe("official_multi", steps=STEPS),
    "ours": ours,
}


def losses_of(name: str) -> list[dict[str, float]]:
    recipe = RECIPES[name]()
    settings = replace(recipe.minimax, joint_steps=2, stage_steps=2, heads_apart=0.05)
    recipe = replace(recipe, minimax=settings, generator_optimizer=MOVES, classifier_optimizer=MOVES)
    task = small_task(recipe)
    return [task.step(step, [small_batch(step, cover_size=40)]) for step in range(STEPS)]


@pytest.mark.parametrize("name", RECIPES)
def test_losses_are_the_stored_ones(name):
    stored = json.loads(FILE.read_text())[name]
    for found, expected in zip(losses_of(name), stored, strict=True):
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("name", RECIPES)
def test_two_steps_of_each_stage_are_stored_and_none_was_skipped(name):
    stored = json.loads(FILE.read_text())[name]
    settings = replace(RECIPES[name]().minimax, joint_steps=2, stage_steps=2)
    stages = [next(key.split("/")[0] for key in log if "/" in key) for log in stored]
    assert stages == [stage_at(step, settings) for step in range(STEPS)]
    assert sorted(stages) == ["A", "A", "B", "B", "joint", "joint"]
    assert all(log["skipped"] == 0 for log in stored)
    assert len({log["loss"] for log in stored}) == STEPS


if __name__ == "__main__":
    FILE.write_text(json.dumps({name: losses_of(name) for name in RECIPES}, indent=1) + "\n")
