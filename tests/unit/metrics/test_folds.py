import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from miais.metrics import threshold_at_far, verification_accuracy
from miais.metrics.folds import judge_pairs, val_at_far_by_fold


def naive_threshold(distances: list[float], same: list[bool]) -> float:
    """The first of the best among the midpoints and one candidate beyond either end."""
    levels = sorted(set(distances))
    candidates = [levels[0], *((a + b) / 2 for a, b in pairwise(levels)), levels[-1] + 1]
    right = [sum((d < t) == s for d, s in zip(distances, same, strict=True)) for t in candidates]
    return candidates[right.index(max(right))]


def test_accuracy_agrees_with_a_loop_over_folds_and_thresholds(pairs):
    distances, same, folds = pairs.distances.double().tolist(), pairs.same.tolist(), pairs.folds.tolist()
    scores = []
    for fold in range(10):
        others = [i for i in range(len(folds)) if folds[i] != fold]
        threshold = naive_threshold([distances[i] for i in others], [same[i] for i in others])
        own = [i for i in range(len(folds)) if folds[i] == fold]
        scores.append(np.mean([(distances[i] < threshold) == same[i] for i in own]))
    result = verification_accuracy(pairs.distances, pairs.same, pairs.folds)
    assert result.folds == pytest.approx(scores)
    assert result.mean == pytest.approx(np.mean(scores))
    assert result.std == pytest.approx(np.std(scores))
    assert 0.7 < result.mean < 0.95
    assert result.std > 0


def test_folds_of_different_size_count_alike():
    same = torch.tensor([True, False, True, True, True, False])
    distances = torch.tensor([0.1, 1.0, 0.1, 0.2, 5.0, 1.1])
    result = verification_accuracy(distances, same, torch.tensor([3, 3, 8, 8, 8, 8]))
    assert result.folds == (1.0, 0.75)
    assert result.mean == 0.875


def test_the_first_of_equally_good_thresholds_is_taken():
    # On the other fold 0.1 to 0.3 and 0.5 to 0.7 are both right three times out of four.
    same = torch.tensor([True, False, True, False, True, False])
    distances = torch.tensor([0.1, 0.3, 0.5, 0.7, 0.4, 0.4])
    assert judge_pairs(distances, same, torch.tensor([0, 0, 0, 0, 1, 1]))[4:].tolist() == [False, True]


def test_a_distance_equal_to_the_threshold_means_different():
    distances = torch.tensor([0.5, 1.0, 0.75, 0.75])
    same = torch.tensor([True, False, True, False])
    assert judge_pairs(distances, same, torch.tensor([0, 0, 1, 1]))[2:].tolist() == [False, True]


def test_a_fold_never_sees_its_own_pairs(pairs):
    before = judge_pairs(pairs.distances, pairs.same, pairs.folds)
    own = pairs.folds == 4
    after = judge_pairs(torch.where(own, 2 - pairs.distances, pairs.distances), pairs.same, pairs.folds)
    flipped = (2 - pairs.distances[own] < 1.05) == pairs.same[own]  # every fold's threshold is near 1.05
    assert before[own].double().mean() > 0.7
    assert after[own].double().mean() < 0.3
    assert abs(after[own].double().mean() - flipped.double().mean()) < 0.1


def test_val_agrees_with_a_loop_over_folds(pairs):
    for far in (0.01, 0.1):
        scores = []
        for fold in range(10):
            own = pairs.folds == fold
            threshold = threshold_at_far(pairs.distances[~own], pairs.same[~own], far)
            scores.append(np.mean([d < threshold for d in pairs.distances[own & pairs.same].tolist()]))
        result = val_at_far_by_fold(pairs.distances, pairs.same, pairs.folds, far=far)
        assert result.folds == pytest.approx(scores)
        assert 0 < result.mean < 1


def test_val_is_nan_when_the_other_folds_cannot_resolve_the_rate(pairs):
    result = val_at_far_by_fold(pairs.distances, pairs.same, pairs.folds, far=1 / 300)  # 270 impostors elsewhere
    assert math.isnan(result.mean)
    assert all(math.isnan(score) for score in result.folds)


def test_order_of_the_pairs_and_names_of_the_folds_do_not_matter(pairs):
    order = torch.randperm(len(pairs.same), generator=torch.Generator().manual_seed(1))
    shuffled = verification_accuracy(pairs.distances[order], pairs.same[order], pairs.folds[order] * 7 - 3)
    assert shuffled == verification_accuracy(pairs.distances, pairs.same, pairs.folds)
