"""The rows of the ablation: a recipe, and what is taken out of it."""

import json
from dataclasses import dataclass
from typing import Literal

from miais.recipes import get_recipe
from miais.recipes.overrides import with_overrides
from miais.recipes.strong_robust import strong_robust
from miais.recipes.strong_single import strong_single
from miais.training.settings import Recipe

Group = Literal["single", "robust", "multi", "digits"]


@dataclass(frozen=True)
class AblationRow:
    """One row.

    Attributes:
        name: Of its files.
        group: Rows of a group are compared with each other; the first is the full recipe.
        without: What is missing, in words.
        recipe: Name of the recipe that it starts from.
        changes: As for `--set`.
        joint_share: Share of the steps for the joint objective; None: as the recipe.
        steps: Budget of its own; None: that of the group.
    """

    name: str
    group: Group
    without: str
    recipe: str
    changes: tuple[str, ...] = ()
    joint_share: float | None = None
    steps: int | None = None


def _channel(recipe: Recipe, **changes: object) -> tuple[str, ...]:
    """Change the channel of generator and classifiers alike."""
    channel = json.dumps({**recipe.networks.generator.arguments["channel"], **changes})
    return tuple(f"networks.{role}.arguments.channel={channel}" for role in ("generator", "classifier"))


def _objective(group: Group, recipe: str) -> tuple[AblationRow, ...]:
    """Leave out what Algorithm 1 and its losses are made of, one at a time."""
    every = ("stage_a", "stage_b", "joint")
    return (
        AblationRow(f"{group}-untrained", group, "training: a single step", recipe, steps=1),
        AblationRow(f"{group}-no-minimax", group, "stages A and B: joint alone", recipe, joint_share=1.0),
        AblationRow(f"{group}-no-joint", group, "the joint objective: A and B alone", recipe, joint_share=0.0),
        AblationRow(
            f"{group}-no-discrepancy",
            group,
            "the discrepancy of Eq. 11",
            recipe,
            ("minimax.stage_a.discrepancy=0.0", "minimax.stage_b.discrepancy=0.0"),
        ),
        AblationRow(
            f"{group}-no-distillation",
            group,
            "distillation of v's embedding",
            recipe,
            tuple(f"minimax.{stage}.distillation=0.0" for stage in every),
        ),
        AblationRow(
            f"{group}-no-identity",
            group,
            "the identity loss of Eqs. 6 and 7",
            recipe,
            tuple(f"minimax.{stage}.identity=0.0" for stage in every),
        ),
    )


def _painted(group: Group, decibels: float, recipe: str, without: str) -> AblationRow:
    """A generator that paints, with the same budget and the same covers, in place of the lattice."""
    covers = f"data.covers={json.dumps(strong_single().data.covers)}"
    budget = (covers, f"transit.psnr_start_db={decibels}", f"transit.psnr_db={decibels}")
    return AblationRow(f"{group}-painted", group, without, recipe, budget)


ROWS: tuple[AblationRow, ...] = (
    AblationRow("single-full", "single", "nothing", "strong_single"),
    *_objective("single", "strong_single"),
    AblationRow(
        "single-no-rounding", "single", "8-bit rounding in training", "strong_single", ("transit.quantize=false",)
    ),
    AblationRow(
        "single-one-place",
        "single",
        "repetition: one place for a symbol, moved as far as sixteen together",
        "strong_single",
        _channel(strong_single(), repeats=1, step=16.0),
    ),
    AblationRow(
        "single-steep",
        "single",
        "room for noise: symbols that use the whole quarter of a cycle",
        "strong_single",
        ("networks.generator.arguments.slope=1.0",),
    ),
    _painted("single", 50.0, "lfw_single", "the lattice: a network paints the change, at 50 dB"),
    AblationRow("robust-full", "robust", "nothing", "strong_robust"),
    *_objective("robust", "strong_robust"),
    AblationRow(
        "robust-no-road",
        "robust",
        "distortions in training",
        "strong_robust",
        ("transit.distortions=none",),
    ),
    AblationRow(
        "robust-pixels",
        "robust",
        "low frequencies: values of pixels, moved as far; untrained, for on the road the gradients explode",
        "strong_robust",
        _channel(strong_robust(), carrier="pixels", repeats=32, step=16.0),
        steps=1,
    ),
    AblationRow("multi-full", "multi", "nothing", "strong_multi"),
    AblationRow("multi-untrained", "multi", "training: a single step", "strong_multi", steps=1),
    _painted("multi", 40.0, "lfw_multi", "the lattice: U-Net and restorer, at 40 dB"),
    AblationRow("digits-full", "digits", "nothing", "digits"),
    *_objective("digits", "digits"),
)


def rows_of(group: Group) -> tuple[AblationRow, ...]:
    """Return the rows of a group, the full recipe first."""
    return tuple(row for row in ROWS if row.group == group)


def recipe_of(row: AblationRow, steps: int, seed: int) -> Recipe:
    """Return a row's recipe for a budget.

    Args:
        row: The row.
        steps: Of the run, unless the row has its own.
        seed: Of everything that is drawn.

    Raises:
        ValueError: If a change of the row is not one of its recipe's settings.
    """
    recipe, steps = get_recipe(row.recipe), row.steps or steps
    share = recipe.minimax.joint_steps / recipe.phase.steps if row.joint_share is None else row.joint_share
    budget = (
        f"phase.steps={steps}",
        f"phase.validate_every={steps}",
        f"minimax.joint_steps={round(steps * share)}",
        f"seed={seed}",
    )
    return with_overrides(recipe, [*row.changes, *budget])
