from dataclasses import dataclass, field

import pytest

from miais.recipes import get_recipe
from miais.recipes.overrides import with_overrides


@pytest.fixture
def recipe():
    return get_recipe("lfw_single")


def test_values_are_set_by_their_dotted_names_and_nothing_else_changes(recipe):
    changed = with_overrides(recipe, ["phase.steps=7", "minimax.stage_b.visual=2.5"])
    assert (changed.phase.steps, changed.minimax.stage_b.visual) == (7, 2.5)
    back = [f"phase.steps={recipe.phase.steps}", f"minimax.stage_b.visual={recipe.minimax.stage_b.visual}"]
    assert with_overrides(changed, back) == recipe
    assert with_overrides(recipe, []) == recipe


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("data.secrets=faces", "faces"),
        ('data.secrets="faces"', "faces"),
        ("data.covers=[]", ()),
        ('data.covers=["a", "b"]', ("a", "b")),
        ("transit.quantize=false", False),
        ("transit.psnr_ramp=1", 1.0),
        ("data.secrets=a=b", "a=b"),
        ("phase.batch=4", 4),
        ("networks.generator.arguments.width=16", 16),
    ],
)
def test_values_are_json_or_plain_text(recipe, assignment, expected):
    found = with_overrides(recipe, [assignment])
    for name in assignment.partition("=")[0].split("."):
        found = found[name] if isinstance(found, dict) else getattr(found, name)
    assert found == expected
    assert type(found) is type(expected)


def test_the_last_of_two_counts(recipe):
    assert with_overrides(recipe, ["phase.steps=7", "phase.steps=8"]).phase.steps == 8


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("phase.steps", r"expected key=value, such as phase.steps=100, got 'phase.steps'"),
        ("=3", "expected key=value"),
        ("phase.step=7", r"phase.step: no setting 'step', did you mean 'steps'\?"),
        ("phases.steps=7", r"did you mean 'phase'\?"),
        ("phase.steps.more=7", "'more' is not a setting of a group of settings"),
        ("phase.steps=many", "phase.steps: expected int, like .*, got 'many'"),
        ("phase.steps=1.5", "expected int"),
        ("phase.steps=true", "expected int"),
        ("transit.quantize=1", "expected bool"),
        ("phase=3", "expected PhaseSettings"),
        ("phase.steps=0", "expected steps of at least 1, got 0"),
        ("data.triplets=false", "the triplet loss needs data.triplets=true"),
    ],
)
def test_what_does_not_fit_is_named(recipe, assignment, message):
    with pytest.raises(ValueError, match=message):
        with_overrides(recipe, [assignment])


def test_any_group_of_settings_will_do():
    @dataclass(frozen=True)
    class Group:
        numbers: dict = field(default_factory=lambda: {"one": 1})
        nothing: float | None = None

    changed = with_overrides(Group(), ["numbers.two=2", "nothing=0.5"])
    assert changed == Group({"one": 1, "two": 2}, 0.5)
