import dataclasses
import math

import pytest
import torch

from miais.metrics import (
    equal_error_rate,
    paired_accuracy_drop,
    roc_curve,
    threshold_at_far,
    verification_accuracy,
    verification_report,
)
from miais.metrics.bootstrap import bootstrap_interval
from miais.metrics.folds import judge_pairs, val_at_far_by_fold


def fold_means(values, folds, weights):
    """Weighted mean over pairs in each fold, mean over folds with these shares of weight, one resample at a time."""
    share = torch.stack([(folds == fold).double() / (folds == fold).sum() for fold in folds.unique()]).sum(dim=0)
    return torch.stack([(row * share * values).sum() / (row * share).sum() for row in weights])


def test_report_holds_the_single_metrics(pairs):
    distances, same, folds, *_ = pairs
    report = verification_report(*pairs)
    accuracy = verification_accuracy(distances, same, folds)
    assert (report.accuracy, report.fold_std, report.pairs) == (accuracy.mean, accuracy.std, 600)
    assert report.accuracy_low < report.accuracy < report.accuracy_high
    assert report.val_at_far_1e2 == val_at_far_by_fold(distances, same, folds, far=1e-2).mean
    assert (report.eer, report.auc) == (equal_error_rate(distances, same), roc_curve(distances, same).auc)
    assert list(report.thresholds) == [1e-1, 1e-2, 1e-3]
    for far in (1e-1, 1e-2):
        threshold, low, high = report.thresholds[far]
        assert threshold == threshold_at_far(distances, same, far)
        assert low <= threshold <= high
        assert low < high


def test_rates_that_cannot_be_resolved_are_nan(pairs):
    report = verification_report(*pairs)
    assert math.isnan(report.val_at_far_1e3)
    assert all(math.isnan(value) for value in report.thresholds[1e-3])


def test_accuracy_interval_agrees_with_a_loop(pairs):
    values = judge_pairs(pairs.distances, pairs.same, pairs.folds).double()
    expected = bootstrap_interval(
        lambda weights: fold_means(values, pairs.folds, weights), pairs.identities_a, pairs.identities_b
    )
    report = verification_report(*pairs)
    assert (report.accuracy_low, report.accuracy_high) == pytest.approx(expected)


def test_threshold_interval_agrees_with_repeating_the_pairs(pairs):
    impostors = pairs.distances[~pairs.same].double()

    def thresholds(weights):
        rows = [impostors.repeat_interleave(row.long()).sort().values for row in weights]
        return torch.stack([row[int(len(row) * 0.1 + 1e-9)] for row in rows])

    expected = bootstrap_interval(thresholds, pairs.identities_a[~pairs.same], pairs.identities_b[~pairs.same])
    assert verification_report(*pairs).thresholds[0.1][1:] == pytest.approx(expected)


def test_copies_of_the_pairs_change_no_score_and_resolve_no_smaller_rate(pairs):
    """Every pair in three covers once gave a threshold at a rate that a third of as many pairs cannot tell."""
    once = verification_report(*pairs)
    far = 1 / (2 * int((~pairs.same).sum()))
    tripled = [values.repeat(3) for values in pairs]
    report = verification_report(*tripled, copies=3)
    assert (report.accuracy, report.auc, report.pairs) == (once.accuracy, pytest.approx(once.auc), 3 * once.pairs)
    assert report.thresholds[0.1].threshold == once.thresholds[0.1].threshold
    assert math.isnan(threshold_at_far(tripled[0], tripled[1], far, copies=3))
    assert not math.isnan(threshold_at_far(tripled[0], tripled[1], far))
    assert math.isnan(report.thresholds[1e-3].threshold)
    assert math.isnan(report.val_at_far_1e3)


def test_report_is_frozen_and_becomes_a_dictionary(pairs):
    report = verification_report(*pairs)
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.accuracy = 1.0
    assert dataclasses.asdict(report)["thresholds"][0.1] == report.thresholds[0.1]


def test_order_of_the_pairs_and_of_their_halves_does_not_matter(pairs):
    order = torch.randperm(600, generator=torch.Generator().manual_seed(2))
    distances, same, folds, identities_a, identities_b = (values[order] for values in pairs)
    report, other = verification_report(*pairs), verification_report(distances, same, folds, identities_b, identities_a)
    assert other.accuracy_low == pytest.approx(report.accuracy_low)
    assert other.thresholds[0.1] == pytest.approx(report.thresholds[0.1])


def test_identities_that_contradict_same_are_refused(pairs):
    distances, same, folds, identities_a, identities_b = pairs
    with pytest.raises(ValueError, match="check the order of the pairs"):
        verification_report(distances, same, folds, identities_a, identities_b.roll(1))
    with pytest.raises(ValueError, match="check the order of the pairs"):
        paired_accuracy_drop(distances, distances, same, folds, identities_a.roll(1), identities_b)


def test_drop_is_the_difference_of_the_accuracies_in_points(pairs):
    distances, same, folds, *people = pairs
    worse = distances + 0.4 * torch.rand(600, generator=torch.Generator().manual_seed(4))
    drop = paired_accuracy_drop(distances, worse, same, folds, *people)
    accuracies = [verification_accuracy(d, same, folds).mean for d in (distances, worse)]
    assert drop.drop == pytest.approx(100 * (accuracies[0] - accuracies[1]))
    assert drop.low < drop.drop < drop.high
    assert drop.drop > 0

    back = paired_accuracy_drop(worse, distances, same, folds, *people)
    assert (back.drop, back.low, back.high) == pytest.approx((-drop.drop, -drop.high, -drop.low))

    lost = 100 * (judge_pairs(distances, same, folds).double() - judge_pairs(worse, same, folds).double())
    assert (drop.low, drop.high) == pytest.approx(
        bootstrap_interval(lambda weights: fold_means(lost, folds, weights), *people)
    )


def test_a_system_that_only_rescales_loses_nothing(pairs):
    distances, same, folds, *people = pairs
    drop = paired_accuracy_drop(distances, 10 * distances, same, folds, *people)
    assert (drop.drop, drop.low, drop.high) == (0.0, 0.0, 0.0)


def test_pairing_narrows_the_interval(pairs):
    distances, same, folds, *people = pairs
    nearly = distances + 0.02 * torch.rand(600, generator=torch.Generator().manual_seed(4))
    drop = paired_accuracy_drop(distances, nearly, same, folds, *people)
    report = verification_report(*pairs)
    assert drop.high - drop.low < 0.7 * 100 * (report.accuracy_high - report.accuracy_low)


def test_folds_of_different_size_count_alike_in_the_drop():
    same = torch.tensor([True, False, True, True, True, False])
    folds = torch.tensor([3, 3, 8, 8, 8, 8])
    people = torch.tensor([1, 1, 3, 3, 4, 4]), torch.tensor([1, 2, 3, 3, 4, 5])
    plain = torch.tensor([0.1, 1.0, 0.1, 0.2, 0.3, 1.1])
    container = torch.tensor([0.1, 1.0, 0.1, 0.2, 5.0, 1.1])
    assert paired_accuracy_drop(plain, container, same, folds, *people).drop == pytest.approx(12.5)
