"""Who is attacked: training and test apart, the same on every call."""

import pytest
import torch
from support.people_world import COVERS, IMAGES, PEOPLE, SECRETS, write_people_world
from support.systems import tiny_system

from miais.experiments.privacy.containers import Containers
from miais.experiments.privacy.labels import digits_data
from miais.experiments.privacy.people import COVER_SIDE, PeopleFiles, people_data
from miais.image import from_uint8, to_uint8
from miais.system import load


@pytest.fixture
def files(tmp_path, picture):
    return PeopleFiles(*write_people_world(tmp_path, picture), secrets=SECRETS, covers=COVERS)


def test_people_of_the_protocol(files):
    data = people_data(files, 32, seed=0)
    assert data.train.secrets.shape == (PEOPLE * IMAGES, 3, 32, 32)
    assert data.train.covers.shape == (22, 3, COVER_SIDE, COVER_SIDE)
    assert data.train.chosen.shape == (PEOPLE * IMAGES, 1)
    assert data.test.covers.shape == (4, 3, COVER_SIDE, COVER_SIDE)
    assert data.test.chosen.shape == (PEOPLE * IMAGES, 3)
    pairs = data.pairs
    assert torch.equal(pairs.same, pairs.people[pairs.first] == pairs.people[pairs.second])
    assert pairs.people.bincount().tolist() == [IMAGES] * PEOPLE


def test_a_limit_takes_the_first_of_the_same_order(files):
    every, few, other = (people_data(files, 32, seed=seed, limit=limit) for seed, limit in ((0, None), (0, 5), (1, 5)))
    assert len(few.train) == 5
    assert torch.equal(few.train.secrets, every.train.secrets[:5])
    assert len({data.description["fingerprint"] for data in (every, few, other)}) == 3
    assert people_data(files, 32, seed=0).description == every.description


def test_few_digits():
    data = digits_data(32, seed=0, few=True)
    assert len(data.train) == 120
    assert data.test.chosen.shape == (len(data.test), 3)
    assert data.pairs.same.double().mean() == 0.5
    assert set(data.pairs.people.tolist()) == set(range(10))
    assert torch.equal(data.pairs.first, digits_data(32, seed=0, few=True).pairs.first)
    assert not torch.equal(data.pairs.first, digits_data(32, seed=1, few=True).pairs.first)
    assert len(digits_data(32, seed=0, limit=7, few=True).train) == 7


def levels_apart(image, other):
    """A sum in another order, as in a batch of another size, may round to the neighbouring level."""
    return int((image.int() - other.int()).abs().max())


def test_containers_are_those_that_the_system_saves(tmp_path):
    system, data, told = load(tiny_system(tmp_path)), digits_data(32, seed=0, few=True), []
    containers = Containers(system, data, lambda *words: told.append(words))
    shown = containers.shown(torch.tensor([3, 5]))
    assert levels_apart(shown, containers.test[0, [3, 5]]) <= 1
    assert containers.train.shape == (120, 3, 64, 64)
    assert containers.test.shape == (3, len(data.test), 3, 64, 64)
    secret, cover = data.test.secrets[4], data.test.covers[data.test.chosen[4, 2]]
    alone = to_uint8(system.hide(from_uint8(secret), from_uint8(cover)))
    assert levels_apart(containers.test[2, 4], alone) <= 1
    assert levels_apart(alone, cover) > 1
    assert ("containers to attack", 3 * len(data.test), 3 * len(data.test)) in told
