from datetime import UTC, datetime

import pytest
import torch
from support.systems import tiny_system

from miais.gallery.exact import ExactGallery
from miais.gallery.gallery import Enrolment, Maker
from miais.identification import calibration_of, identify, maker_of
from miais.metrics.match_calibration import MatchCalibration
from miais.system import load

CALIBRATION = MatchCalibration(-10.0, 10.0, (1.0, 1.5), (0.01, 1.0), 0.1, 100, 10_000)


def gallery_of(**people):
    gallery = ExactGallery(Maker("tiny", "a", None, 3))
    now = datetime.now(UTC)
    gallery.enrol([Enrolment(name, torch.tensor(vector), None, now) for name, vector in people.items()])
    return gallery


def test_a_near_probe_gets_a_name_and_a_far_one_nobody():
    gallery = gallery_of(Ann=[1.0, 0.0, 0.0], Bo=[0.0, 1.0, 0.0])
    near, far = identify(gallery, CALIBRATION, torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), top=1)
    assert (near.person, far.person) == ("Ann", None)
    assert near.threshold == CALIBRATION.threshold_for(2, 0.01)
    (candidate,) = near.candidates
    assert (candidate.person, candidate.distance) == ("Ann", 0.0)
    assert candidate.probability == CALIBRATION.probability(0.0, people=2)
    assert far.candidates[0].distance == pytest.approx(2**0.5)


def test_containers_make_the_threshold_and_people_the_probability():
    """Each container is a chance for a false match; each person was as likely before."""
    gallery = gallery_of(Ann=[1.0, 0.0, 0.0], Bo=[0.0, 1.0, 0.0])
    turned = [[0.8, 0.6, 0.0], [0.8, 0.0, 0.6], [0.6, 0.8, 0.0]]
    gallery.enrol([Enrolment("Ann", torch.tensor(vector), None, datetime.now(UTC)) for vector in turned])
    (found,) = identify(gallery, CALIBRATION, torch.tensor([[1.0, 0.0, 0.0]]))
    assert found.threshold == CALIBRATION.threshold_for(5, 0.01) != CALIBRATION.threshold_for(2, 0.01)
    assert found.candidates[0].probability == CALIBRATION.probability(0.0, people=2)


def test_nobody_is_found_where_nobody_is_enrolled():
    (found,) = identify(ExactGallery(Maker("tiny", "a", None, 3)), CALIBRATION, torch.eye(3)[:1])
    assert (found.person, found.candidates) == (None, ())


def test_maker_and_calibration_of_a_system(tmp_path):
    system = load(tiny_system(tmp_path / "tiny"))
    assert maker_of(system) == Maker("tiny", system.card.system_hash, None, 32)
    with pytest.raises(ValueError, match=r"'tiny' has no calibration.*--split val --record"):
        calibration_of(system)
