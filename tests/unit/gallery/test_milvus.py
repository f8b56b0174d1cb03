"""What Milvus does in its own way; for what all galleries do alike see test_galleries.py."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from support.galleries import MAKER, enrolment, vectors

from miais.gallery.makers import OtherMakerError
from miais.gallery.open import open_gallery


@pytest.fixture
def opened(lite):
    gallery = open_gallery(lite, MAKER, create=True)
    yield gallery
    gallery.close()


def test_a_gallery_is_there_again_and_only_for_its_maker(lite, opened):
    opened.enrol([enrolment("Ann", vectors(1)[0])])
    again = open_gallery(lite, None)
    assert (again.maker, [one.name for one in again.people()]) == (MAKER, ["Ann"])
    with pytest.raises(OtherMakerError, match="weights"):
        open_gallery(lite, replace(MAKER, system_hash="b" * 64))


NAMES = ['"', "'", "\\", '\\"', '" or id > 0 or person == "', "{name}", "%", "日本 Öz", "\\u0041", "x" * 200, "ö" * 200]


@pytest.mark.parametrize("name", NAMES)
def test_names_mean_themselves(opened, name):
    first, second = vectors(2)
    opened.enrol([enrolment("Bo", first), enrolment(name, second)])
    assert [one.embedding.tolist() for one in opened.enrolments(name)] == [second.tolist()]
    opened.enrol([enrolment(name, first)])
    assert len(opened) == 2
    assert opened.forget(name) == 2
    assert [one.name for one in opened.people()] == ["Bo"]


def test_more_than_a_message_holds_is_sent_in_parts(opened, monkeypatch):
    monkeypatch.setattr("miais.gallery.milvus._AT_ONCE", 7)
    enrolled = vectors(40)
    opened.enrol([enrolment(f"P{n % 25}", vector, n) for n, vector in enumerate(enrolled)])
    assert (len(opened), opened.containers) == (25, 40)
    assert sum(one.containers for one in opened.people()) == 40
    assert len(list(opened.enrolments())) == 40
    assert opened.search(enrolled[:1], 1)[0][0].person == "P0"


def test_a_thumbnail_that_does_not_fit_is_refused(opened):
    with pytest.raises(ValueError, match="expected a thumbnail of up to 49149 bytes"):
        opened.enrol([enrolment("Ann", vectors(1)[0], 0, bytes(49_150))])
    assert opened.containers == 0
    opened.enrol([enrolment("Ann", vectors(1)[0], 0, bytes(49_149))])
    assert [len(one.thumbnail) for one in opened.enrolments()] == [49_149]


def test_a_server_that_is_away_is_said():
    pytest.importorskip("pymilvus")
    with pytest.raises(ConnectionError, match=r"http://127.0.0.1:9: Milvus refused or is away .*check that it runs"):
        open_gallery("http://127.0.0.1:9", MAKER, create=True)


def test_a_missing_gallery_is_not_made_by_looking(lite, tmp_path):
    with pytest.raises(FileNotFoundError, match="no gallery"):
        open_gallery(lite, MAKER)
    assert list(tmp_path.iterdir()) == []


ENROL_AND_LIST = """
import sys
from support.galleries import MAKER, enrolment, vectors
from miais.gallery.open import open_gallery
gallery = open_gallery(sys.argv[1], MAKER, create=True)
gallery.enrol([enrolment("Ann", vectors(1)[0])])
print([one.person for one in gallery.enrolments()])
gallery.close()
"""


def test_nothing_is_said_of_what_milvus_lite_lacks(lite):
    """`[WARNING][__setup_ts_by_request]: failed to get mvccTs` stood between the lines of an import."""
    path = os.pathsep.join(place for place in sys.path if place)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", ENROL_AND_LIST, lite],
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "['Ann']\n"
    assert "WARNING" not in done.stderr


ENROL_AND_DIE = """
import os, signal, sys
from support.galleries import MAKER, enrolment, vectors
from miais.gallery.open import open_gallery
gallery = open_gallery(sys.argv[1], MAKER, create=True)
for number, vector in enumerate(vectors(20)):
    gallery.enrol([enrolment(f"P{number}", vector, 0, b"picture")])
gallery.forget("P7")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_acknowledged_outlives_a_killed_process(lite):
    path = os.pathsep.join(place for place in sys.path if place)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", ENROL_AND_DIE, lite], env={**os.environ, "PYTHONPATH": path}, check=False
    )
    assert done.returncode == -9
    gallery = open_gallery(lite, MAKER)
    assert {one.name for one in gallery.people()} == {f"P{n}" for n in range(20)} - {"P7"}
    assert (len(gallery), gallery.containers) == (19, 19)
    gallery.close()
