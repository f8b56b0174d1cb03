import math
from dataclasses import replace

import pytest

from miais.training.budget import HidingThreshold, ImagePressure, psnr_budget
from miais.training.objective_settings import GeneratorWeights, MinimaxSettings
from miais.training.settings import TransitSettings

BELOW, ABOVE = GeneratorWeights(visual=1.0), GeneratorWeights(visual=10.0)
SETTINGS = MinimaxSettings(stage_b=BELOW, stage_b_above=ABOVE, hiding_threshold=0.02)


def after(threshold, *losses):
    for loss in losses:
        threshold.record(loss)
    threshold.end_stage()
    return threshold.weights()


@pytest.mark.parametrize(("above_at_start", "expected"), [(True, ABOVE), (False, BELOW)])
def test_first_stage_b_counts_as_the_settings_say(above_at_start, expected):
    assert HidingThreshold(replace(SETTINGS, above_at_start=above_at_start)).weights() == expected


def test_weights_follow_the_mean_of_the_last_stage_b_alone():
    threshold = HidingThreshold(SETTINGS)
    assert after(threshold, 0.01, 0.02) == BELOW
    assert after(threshold, 0.01, 0.05) == ABOVE
    assert after(threshold, 0.019) == BELOW


def test_a_mean_at_the_threshold_is_not_above_it():
    threshold = HidingThreshold(replace(SETTINGS, hiding_threshold=0.5))
    assert after(threshold, 0.25, 0.75) == BELOW


def test_weights_do_not_change_within_a_stage():
    threshold = HidingThreshold(SETTINGS)
    after(threshold, 0.01)
    for _ in range(3):
        threshold.record(1.0)
        assert threshold.weights() == BELOW


def test_a_stage_without_stage_b_steps_changes_nothing():
    threshold = HidingThreshold(SETTINGS)
    assert after(threshold, 0.01) == BELOW
    assert after(threshold) == BELOW
    assert after(threshold, 0.03) == ABOVE


def test_without_pressing_weights_the_ordinary_ones_hold():
    threshold = HidingThreshold(replace(SETTINGS, stage_b_above=None))
    assert threshold.weights() == BELOW
    assert after(threshold, 1.0) == BELOW


@pytest.mark.parametrize("ended", [False, True])
def test_state_goes_on_in_the_middle_of_a_stage(ended):
    threshold, other = HidingThreshold(SETTINGS), HidingThreshold(SETTINGS)
    if ended:
        after(threshold, 0.01)
    threshold.record(0.05)
    other.load_state_dict(threshold.state_dict())
    assert other.state_dict() == threshold.state_dict()
    assert other.weights() == threshold.weights() == (BELOW if ended else ABOVE)
    assert after(other, 0.03) == after(threshold, 0.03) == ABOVE  # mean 0.04
    assert other.state_dict()["previous"] == pytest.approx(0.04)


RAMP = TransitSettings(psnr_start_db=28.0, psnr_db=44.0, psnr_ramp=0.5)


@pytest.mark.parametrize(("progress", "expected"), [(0.0, 28.0), (0.125, 32.0), (0.5, 44.0), (0.75, 44.0), (1.0, 44.0)])
def test_budget_rises_straight_and_stays(progress, expected):
    assert psnr_budget(RAMP, progress) == pytest.approx(expected)


def test_budget_without_a_ramp_is_the_last_one_from_the_start():
    assert psnr_budget(replace(RAMP, psnr_ramp=0.0), 0.0) == 44.0


def test_no_budget_is_none():
    assert psnr_budget(TransitSettings(), 0.3) is None


def test_half_a_budget_and_an_impossible_ramp_are_refused():
    with pytest.raises(ValueError, match="both psnr_start_db and psnr_db"):
        TransitSettings(psnr_db=44.0)
    with pytest.raises(ValueError, match=r"psnr_ramp in \[0, 1\], got 1.5"):
        replace(RAMP, psnr_ramp=1.5)


def test_pressure_grows_above_the_threshold_and_falls_below_it_to_one():
    pressure = ImagePressure(replace(SETTINGS, hiding_threshold=0.02, pressure=0.1))
    assert pressure.factor() == 1
    pressure.record(0.02)
    assert pressure.factor() == 1
    pressure.record(0.03)
    assert pressure.factor() == pytest.approx(math.exp(0.05))
    pressure.record(0.9)  # however far above, it grows by no more than its rate
    assert pressure.factor() == pytest.approx(math.exp(0.15))
    again = ImagePressure(replace(SETTINGS, pressure=0.1))
    again.load_state_dict(pressure.state_dict())
    assert again.factor() == pressure.factor()
    for _ in range(20):
        pressure.record(0.0)
    assert pressure.factor() == 1
    for _ in range(200):
        pressure.record(1.0)
    assert pressure.factor() == pytest.approx(math.exp(9))


def test_pressure_holds_the_restored_secret_too():
    settings = replace(SETTINGS, hiding_threshold=0.02, restoration_threshold=0.1, pressure=0.1)
    pressure = ImagePressure(settings)
    pressure.record(0.01, 0.15)
    assert pressure.factor() == pytest.approx(math.exp(0.05))
    pressure.record(0.01, 0.05)
    assert pressure.factor() == 1


def test_pressure_starts_where_it_is_told():
    assert ImagePressure(replace(SETTINGS, pressure=0.1, pressure_at_start=20.0)).factor() == pytest.approx(20)
    with pytest.raises(ValueError, match="pressure_at_start >= 1, got 0"):
        replace(SETTINGS, pressure_at_start=0.5)


def test_without_a_rate_there_is_no_pressure():
    pressure = ImagePressure(SETTINGS)
    pressure.record(1.0)
    assert pressure.factor() == 1
