import math

import pytest
import torch

from miais.metrics.thresholds import impostor_thresholds, threshold_with_interval


def some_people(people=30, each=3, copies=2, seed=0):
    random = torch.Generator().manual_seed(seed)
    centres = torch.randn(people, 4, generator=random)
    embeddings = centres.repeat_interleave(each, dim=0) + 0.3 * torch.randn(copies, people * each, 4, generator=random)
    return embeddings, torch.arange(people).repeat_interleave(each)


def test_all_pairs_of_different_people_give_the_quantiles_of_their_distances():
    embeddings, identities = some_people(copies=1)
    distances = torch.cdist(embeddings[0].double(), embeddings[0].double())
    upper = torch.ones_like(distances).triu(1).bool() & (identities[:, None] != identities[None])
    impostors = distances[upper].sort().values
    found = impostor_thresholds(embeddings, identities)
    assert list(found) == [0.1, 0.01, 0.001]
    for far, threshold in found.items():
        assert threshold.threshold == pytest.approx(float(impostors[int(len(impostors) * far + 1e-9)]))
        assert float((impostors < threshold.threshold).double().mean()) <= far
        assert threshold.low < threshold.threshold < threshold.high


def test_drawn_pairs_are_near_to_all_pairs():
    embeddings, identities = some_people(people=60)
    every, drawn = (impostor_thresholds(embeddings, identities, pairs=pairs) for pairs in (10**6, 4000))
    assert drawn[0.1].threshold == pytest.approx(every[0.1].threshold, rel=0.05)
    assert drawn[0.1] != every[0.1]


def test_too_few_pairs_resolve_no_small_rate():
    found = impostor_thresholds(*some_people(people=5, each=1))
    assert not math.isnan(found[0.1].threshold)
    assert all(math.isnan(value) for value in found[0.001])


def test_images_of_one_person_are_refused():
    with pytest.raises(ValueError, match="at least two people"):
        impostor_thresholds(torch.rand(1, 4, 2), torch.zeros(4, dtype=torch.int64))


def test_an_interval_over_few_people_is_wider():
    widths = []
    for people in (8, 80):
        embeddings, identities = some_people(people=people, each=2)
        _, low, high = impostor_thresholds(embeddings, identities)[0.1]
        widths.append(high - low)
    assert widths[0] > 1.5 * widths[1]


def test_the_threshold_of_one_pair_of_people_has_no_width():
    people = torch.tensor([1, 1]), torch.tensor([2, 2])
    found = threshold_with_interval(torch.tensor([1.0, 1.0]), people, far=0.5)
    assert (found.threshold, found.low, found.high) == (1.0, 1.0, 1.0)
