"""The systems that we ship, on covers of many sizes and shapes."""

import pytest
import torch

from miais.cli.demo_pictures import write_covers, write_faces
from miais.image import read_image, resize
from miais.system import load
from miais.system_folder import BUNDLED, bundled_systems

LONGER_SIDES = (64, 112, 256, 601, 1500, 4000)
SHAPES = (1.0, 3 / 4, 1 / 3)
SHORTEST = 64
FAR = 1e-2


def shipped(name):
    absent = name not in bundled_systems()
    return pytest.param(name, marks=pytest.mark.skipif(absent, reason=f"{name} is not bundled"))


NAMES = [shipped("lfw-single"), shipped("lfw-robust"), shipped("lfw-multi")]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    covers = [read_image(path) for path in write_covers(folder)]
    secret, faces = write_faces(folder)
    others = [read_image(face.path) for face in faces if not face.same]
    views = [read_image(face.path) for face in faces if face.same]
    return covers, read_image(secret), views, others


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_ours_to_commit_and_small(name):
    system = load(name)
    assert system.card.name == name
    assert system.card.training["commit"].isalnum()  # trained from a clean checkout
    assert {threshold.far for threshold in system.card.thresholds} >= {1e-2, 1e-3}
    assert max(path.stat().st_size for path in (BUNDLED / name).iterdir()) < 16 * 2**20


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("longer", LONGER_SIDES)
def test_a_cover_of_any_size_gives_a_container_of_that_size_that_verifies(name, longer, shape, pictures):
    system, (covers, secret, views, others) = load(name), pictures
    size = (max(SHORTEST, round(longer * shape)), longer)
    cover = resize(covers[2], size)
    container = system.hide(secret, cover)
    assert container.shape == (3, *size)
    assert torch.equal((container * 255).round() / 255, container)  # nothing is lost in an 8-bit file
    here = system.embed(container)
    elsewhere = [system.embed(system.hide(face, covers[1])) for face in (views[0], others[0])]
    same, different = (float((here - vector).norm()) for vector in elsewhere)
    assert same <= system.card.threshold_at(FAR).threshold < different
