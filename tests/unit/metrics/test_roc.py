import math

import numpy as np
import pytest
import sklearn.metrics
import torch
from scipy.interpolate import interp1d
from scipy.optimize import brentq

from miais.metrics import equal_error_rate, roc_curve, threshold_at_far, val_at_far
from miais.metrics.roc import largest_threshold


def test_curve_agrees_with_scikit_learn(pairs):
    curve = roc_curve(pairs.distances, pairs.same)
    far, val, _ = sklearn.metrics.roc_curve(pairs.same, -pairs.distances, drop_intermediate=False)
    np.testing.assert_allclose(curve.far, far)
    np.testing.assert_allclose(curve.val, val)
    assert len(curve.far) < len(pairs.same) / 2  # there are ties
    assert curve.auc == pytest.approx(sklearn.metrics.roc_auc_score(pairs.same, -pairs.distances))


def test_each_point_is_what_its_threshold_accepts(pairs):
    curve = roc_curve(pairs.distances, pairs.same)
    genuine, impostor = pairs.distances[pairs.same].double(), pairs.distances[~pairs.same].double()
    assert curve.val.tolist() == [(genuine < threshold).double().mean().item() for threshold in curve.thresholds]
    assert curve.far.tolist() == [(impostor < threshold).double().mean().item() for threshold in curve.thresholds]
    assert (curve.thresholds.diff() > 0).all()


def test_neighbouring_floats_are_told_apart():
    low = torch.tensor(1.0, dtype=torch.float64)
    high = low.nextafter(torch.tensor(2.0, dtype=torch.float64))
    curve = roc_curve(torch.stack([low, high]), torch.tensor([True, False]))
    assert curve.auc == 1.0
    assert curve.thresholds[1] == high


def test_perfect_reversed_and_uninformative_distances():
    same = torch.tensor([True, True, False, False])
    perfect, constant = torch.tensor([0.1, 0.2, 0.3, 0.4]), torch.ones(4)
    assert (roc_curve(perfect, same).auc, equal_error_rate(perfect, same)) == (1.0, 0.0)
    assert (roc_curve(perfect, ~same).auc, equal_error_rate(perfect, ~same)) == (0.0, 1.0)
    assert (roc_curve(constant, same).auc, equal_error_rate(constant, same)) == (0.5, 0.5)


def test_equal_error_rate_is_where_the_interpolated_curve_of_scikit_learn_meets_the_diagonal(pairs):
    far, val, _ = sklearn.metrics.roc_curve(pairs.same, -pairs.distances)
    expected = brentq(lambda x: 1 - x - interp1d(far, val)(x), 0.0, 1.0)
    assert equal_error_rate(pairs.distances, pairs.same) == pytest.approx(expected, abs=1e-9)
    assert 0.05 < expected < 0.4


@pytest.mark.parametrize("far", [0.004, 0.01, 0.05, 0.29, 0.999])
def test_threshold_is_the_largest_that_keeps_the_rate(pairs, far):
    impostors = pairs.distances[~pairs.same].double()
    accepted = lambda threshold: int((impostors < threshold).sum())  # noqa: E731
    allowed = round(1000 * far) * len(impostors) // 1000
    threshold = threshold_at_far(pairs.distances, pairs.same, far)
    assert accepted(threshold) <= allowed < accepted(math.nextafter(threshold, math.inf))


def test_rates_that_are_a_whole_number_of_impostors_are_not_lost_to_rounding():
    distances = torch.cat([torch.zeros(1), torch.arange(1, 101)])
    same = torch.arange(101) == 0
    assert 0.29 * 100 < 29
    assert threshold_at_far(distances, same, 0.29) == 30.0


def test_val_is_the_share_of_genuine_pairs_below_the_threshold(pairs):
    for far in (0.01, 0.1):
        threshold = threshold_at_far(pairs.distances, pairs.same, far)
        expected = np.mean([d < threshold for d in pairs.distances[pairs.same].tolist()])
        assert 0 < expected < 1
        assert val_at_far(pairs.distances, pairs.same, far=far) == pytest.approx(expected)


def test_too_few_impostors_give_nan(pairs):
    impostors = int((~pairs.same).sum())
    for far, resolved in ((1 / impostors, True), (0.99 / impostors, False)):
        assert math.isnan(threshold_at_far(pairs.distances, pairs.same, far)) != resolved
        assert math.isnan(val_at_far(pairs.distances, pairs.same, far=far)) != resolved
    assert math.isnan(val_at_far(pairs.distances, pairs.same))  # 1e-3 of 300


def test_weights_count_as_repetitions():
    generator = torch.Generator().manual_seed(3)
    impostors = (torch.rand(40, generator=generator) * 20).round().sort().values
    weights = torch.randint(4, (50, 40), generator=generator).double()
    for far in (0.1, 0.25):
        repeated = [impostors.repeat_interleave(row.long()) for row in weights]
        same = torch.tensor([True])
        expected = [
            threshold_at_far(
                torch.cat([torch.zeros(1), r]), torch.cat([same, torch.zeros(len(r), dtype=torch.bool)]), far
            )
            for r in repeated
        ]
        assert largest_threshold(impostors, weights, far).tolist() == expected
    assert largest_threshold(impostors, torch.zeros(1, 40), 0.1).isnan().all()
