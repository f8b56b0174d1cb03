import math

import pytest
import torch

from miais.metrics import equal_error_rate, roc_curve, threshold_at_far, val_at_far, verification_accuracy
from miais.metrics.folds import judge_pairs, val_at_far_by_fold
from miais.metrics.pairs import check_identities

SAME = torch.tensor([True, False, True, False])
FOLDS = torch.tensor([0, 0, 1, 1])
METRICS = [
    roc_curve,
    equal_error_rate,
    lambda distances, same: threshold_at_far(distances, same, 0.5),
    lambda distances, same: val_at_far(distances, same, far=0.5),
    lambda distances, same: judge_pairs(distances, same, FOLDS),
    lambda distances, same: verification_accuracy(distances, same, FOLDS),
    lambda distances, same: val_at_far_by_fold(distances, same, FOLDS, far=0.5),
]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("distances", "same", "message"),
    [
        (torch.rand(3), SAME, r"one shape \(P,\), got \(3,\) and \(4,\)"),
        (torch.rand(4, 1), SAME[:, None], r"one shape \(P,\)"),
        (torch.tensor([0.1, math.nan, 0.2, 0.3]), SAME, "NaN embeddings"),
        (torch.tensor([0.1, math.inf, 0.2, 0.3]), SAME, "finite"),
        (torch.tensor([0.1, -0.5, 0.2, 0.3]), SAME, "do not pass similarities"),
        (torch.rand(4), torch.ones(4, dtype=torch.bool), "genuine and impostor pairs, got 4 and 0"),
        (torch.rand(4), torch.zeros(4, dtype=torch.bool), "genuine and impostor pairs, got 0 and 4"),
        (torch.rand(0), torch.zeros(0, dtype=torch.bool), "genuine and impostor pairs, got 0 and 0"),
    ],
)
def test_every_metric_of_pairs_refuses_bad_values(metric, distances, same, message):
    with pytest.raises(ValueError, match=message):
        metric(distances, same)


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_of_pairs_refuses_same_as_numbers(metric):
    with pytest.raises(TypeError, match=r"same\.bool\(\)"):
        metric(torch.rand(4), SAME.int())


@pytest.mark.parametrize("far", [0.0, 1.0, -0.1, 10, math.nan])
@pytest.mark.parametrize("metric", [threshold_at_far, val_at_far])
def test_a_false_accept_rate_outside_0_to_1_is_refused(metric, far):
    with pytest.raises(ValueError, match=r"in \(0, 1\), got"):
        metric(torch.rand(4), SAME, far=far)


@pytest.mark.parametrize(
    ("folds", "error", "message"),
    [
        (torch.tensor([0, 0, 1]), ValueError, r"folds of shape \(4,\)"),
        (torch.zeros(4, dtype=torch.int64), ValueError, "at least two folds"),
        (FOLDS.float(), TypeError, "integer folds"),
    ],
)
@pytest.mark.parametrize("metric", [judge_pairs, verification_accuracy, val_at_far_by_fold])
def test_bad_folds_are_refused(metric, folds, error, message):
    with pytest.raises(error, match=message):
        metric(torch.rand(4), SAME, folds)


@pytest.mark.parametrize(
    ("identities_a", "identities_b", "error", "message"),
    [
        (torch.arange(4), torch.arange(3), ValueError, r"identities_b of shape \(4,\)"),
        (torch.arange(4)[None], torch.arange(4)[None], ValueError, r"identities_a of shape \(4,\)"),
        (torch.arange(4), torch.arange(4.0), TypeError, "integer identities_b"),
        (SAME, torch.arange(4), TypeError, "integer identities_a"),
    ],
)
def test_bad_identities_are_refused(identities_a, identities_b, error, message):
    with pytest.raises(error, match=message):
        check_identities(identities_a, identities_b)
