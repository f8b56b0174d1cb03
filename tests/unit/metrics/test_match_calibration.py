import json
import math
from dataclasses import asdict, replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.linear_model import LogisticRegression

from miais.metrics.match_calibration import MatchCalibration
from miais.metrics.match_fit import calibrate_matches, fit_match_calibration


@pytest.fixture(scope="module")
def normal():
    random = np.random.default_rng(0)
    impostors, genuine = random.normal(1.4, 0.1, 200_000), random.normal(1.0, 0.1, 50_000)
    distances = torch.tensor(np.concatenate([genuine, impostors]))
    same = torch.arange(len(distances)) < len(genuine)
    return distances, same, fit_match_calibration(distances, same)


def test_probability_is_that_of_two_normal_distributions(normal):
    *_, fitted = normal
    for distance in (0.9, 1.1, 1.2, 1.3, 1.5):
        likelihoods = [stats.norm.pdf(distance, mean, 0.1) for mean in (1.0, 1.4)]
        assert fitted.probability(distance) == pytest.approx(likelihoods[0] / sum(likelihoods), abs=0.01)
        among = likelihoods[0] / (likelihoods[0] + 50 * likelihoods[1])
        assert fitted.probability(distance, people=50) == pytest.approx(among, abs=0.06)


def test_probability_agrees_with_scikit_learn_and_falls(normal):
    distances, same, fitted = normal
    curve = LogisticRegression(C=1e6, class_weight="balanced").fit(distances[:, None].numpy(), same.numpy())
    grid = np.linspace(0, 2, 41)
    ours = [fitted.probability(distance) for distance in grid]
    assert ours == pytest.approx(curve.predict_proba(grid[:, None])[:, 1], abs=1e-9)
    assert all(low >= high for low, high in pairwise(ours))


@pytest.mark.parametrize("far", [0.3, 0.05, 0.01, 1e-3])
def test_threshold_has_the_known_tail(normal, far):
    *_, fitted = normal
    assert stats.norm.cdf(fitted.threshold(far), 1.4, 0.1) == pytest.approx(far, rel=0.25)


@pytest.mark.parametrize("far", [1e-4, 1e-5, 1e-7])
def test_an_extrapolated_threshold_accepts_fewer_rather_than_more(normal, far):
    """The tail of a normal distribution is lighter than exponential."""
    *_, fitted = normal
    assert 0 < stats.norm.cdf(fitted.threshold(far), 1.4, 0.1) < far


@pytest.mark.parametrize("far", [0.9, 0.2, 0.01, 1e-3, 1e-6])
def test_rate_is_the_inverse_of_threshold(normal, far):
    *_, fitted = normal
    assert fitted.false_accept_rate(fitted.threshold(far)) == pytest.approx(far)


@pytest.mark.parametrize("enrolled", [1, 10, 100_000])
def test_gallery_threshold_corrects_for_its_size(normal, enrolled):
    *_, fitted = normal
    far = fitted.false_accept_rate(fitted.threshold_for(enrolled, 0.01))
    assert 1 - (1 - far) ** enrolled == pytest.approx(0.01, rel=1e-6)


def test_it_comes_back_from_json(normal):
    *_, fitted = normal
    assert MatchCalibration.from_json(json.loads(json.dumps(asdict(fitted)))) == fitted


@pytest.mark.parametrize(
    "change", [{"slope": 1.0}, {"tail_scale": 0.0}, {"intercept": math.nan}, {"rates": ()}, {"rates": (0.5, 0.1)}]
)
def test_damaged_numbers_are_refused(change):
    good = MatchCalibration(-10.0, 10.0, (1.0, 1.5), (0.5, 1.0), 0.1, 100, 100)
    with pytest.raises(ValueError, match="expected"):
        replace(good, **change)


def test_distances_that_say_nothing_give_even_odds():
    same = torch.arange(200) % 2 == 0
    fitted = fit_match_calibration(torch.where(same, 1.2, 1.0), same)
    assert (fitted.slope, fitted.probability(0.3)) == (0.0, 0.5)


def test_all_pairs_of_images_are_taken_each_in_one_cover():
    embeddings = torch.nn.functional.normalize(torch.randn(3, 12, 8, generator=torch.Generator().manual_seed(0)), dim=2)
    fitted = calibrate_matches(embeddings, torch.arange(12) // 2)
    assert (fitted.genuine, fitted.impostors) == (6, 60)
