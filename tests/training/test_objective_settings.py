from dataclasses import replace

import pytest

from miais.training.objective_settings import ClassifierWeights, GeneratorWeights, LossSettings, MinimaxSettings

HINTED = LossSettings(hint_layers=("trunk.2",))


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("stage_a", ClassifierWeights(hints=1.0)),
        ("stage_b", GeneratorWeights(hints=1.0)),
        ("stage_b_above", GeneratorWeights(hints=1.0)),
        ("joint", GeneratorWeights(hints=1.0)),
    ],
)
def test_hints_need_layers_to_take_them_from(name, weights):
    with pytest.raises(ValueError, match=f"^{name} weighs hints, and its losses name no hint_layers"):
        MinimaxSettings(**{name: weights})
    assert getattr(MinimaxSettings(losses=HINTED, **{name: weights}), name) is weights


def test_the_joint_objective_takes_its_hints_by_its_own_losses():
    weights = GeneratorWeights(hints=1.0)
    settings = MinimaxSettings(joint=weights, joint_losses=HINTED)
    assert settings.joint_losses is HINTED
    with pytest.raises(ValueError, match=r"^joint weighs hints"):
        replace(settings, losses=HINTED, joint_losses=LossSettings())
