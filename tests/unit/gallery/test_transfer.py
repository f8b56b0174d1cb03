"""Galleries carried elsewhere as a file."""

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
from support.galleries import MAKER, D, enrolment, vectors

from miais.gallery.exact import ExactGallery
from miais.gallery.makers import OtherMakerError
from miais.gallery.transfer import export_gallery, import_gallery, maker_in


@pytest.fixture
def exported(tmp_path):
    gallery = ExactGallery(MAKER)
    gallery.enrol([enrolment(f"P{n}", vector, n, b"picture") for n, vector in enumerate(vectors(3))])
    export_gallery(gallery, tmp_path / "people.zip")
    return tmp_path / "people.zip"


def test_export_and_import_give_the_same_people(gallery, tmp_path):
    enrolled = vectors(4)
    gallery.enrol([enrolment(f"P{n % 3}", vector, n, bytes([n]) * 9) for n, vector in enumerate(enrolled)])
    assert export_gallery(gallery, tmp_path / "people.zip") == 4
    other = ExactGallery(MAKER)
    assert import_gallery(other, tmp_path / "people.zip") == 4
    assert other.people() == gallery.people()
    assert other.search(enrolled, 3) == gallery.search(enrolled, 3)
    assert {one.thumbnail for one in other.enrolments()} == {bytes([n]) * 9 for n in range(4)}


def test_what_is_there_is_not_added_again(gallery, exported):
    assert import_gallery(gallery, exported) == 3
    assert import_gallery(gallery, exported) == 0
    gallery.forget("P1")
    gallery.enrol([enrolment("P2", vectors(1, seed=5)[0])])
    assert import_gallery(gallery, exported) == 1
    assert [(one.name, one.containers) for one in gallery.people()] == [("P0", 1), ("P1", 1), ("P2", 2)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"system_hash": "b" * 64}, "weights"), ({"key_fingerprint": "c"}, "key"), ({"dimension": D + 1}, "dimension")],
)
def test_galleries_of_other_makers_do_not_merge(exported, change, reason):
    other = ExactGallery(replace(MAKER, **change))
    with pytest.raises(OtherMakerError, match=reason):
        import_gallery(other, exported)
    assert other.containers == 0


def test_no_file_is_overwritten(exported):
    before = exported.read_bytes()
    with pytest.raises(FileExistsError, match="choose another name"):
        export_gallery(ExactGallery(MAKER), exported)
    assert exported.read_bytes() == before


def test_an_export_that_fails_leaves_nothing(tmp_path):
    class Failing(ExactGallery):
        def enrolments(self, person=None):
            yield enrolment("Ann", vectors(1)[0], 0, b"picture")
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        export_gallery(Failing(MAKER), tmp_path / "people.zip")
    assert list(tmp_path.iterdir()) == []


KILLED_WHILE_IT_EXPORTS = """
import os, signal, sys
from pathlib import Path
from support.galleries import MAKER, enrolment, vectors
from miais.gallery.exact import ExactGallery
from miais.gallery.transfer import export_gallery

class Killed(ExactGallery):
    def enrolments(self, person=None):
        yield enrolment("Ann", vectors(1)[0], 0, b"picture" * 100_000)
        os.kill(os.getpid(), signal.SIGKILL)

export_gallery(Killed(MAKER), Path(sys.argv[1]))
"""


def test_a_killed_export_leaves_nothing_that_looks_like_a_gallery(tmp_path):
    """It was written straight to its final name, where half of it lay afterwards."""
    path = os.pathsep.join(folder for folder in sys.path if folder)
    arguments = [sys.executable, "-c", KILLED_WHILE_IT_EXPORTS, str(tmp_path / "people.zip")]
    done = subprocess.run(arguments, env={**os.environ, "PYTHONPATH": path}, check=False)  # noqa: S603
    assert done.returncode == -9
    left = list(tmp_path.iterdir())
    assert left
    assert not any(path.suffix == ".zip" for path in left)
    for path in left:
        with pytest.raises(ValueError, match="expected a gallery written by"):
            maker_in(path)


def test_what_is_no_export_is_refused(exported, tmp_path):
    whole = exported.read_bytes()
    for name, content in (("text", b"no zip"), ("empty", b""), ("half", whole[: len(whole) // 2])):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match="expected a gallery written by"):
            import_gallery(ExactGallery(MAKER), tmp_path / name)


@pytest.mark.parametrize(
    "content",
    [
        {"format": 2},
        [],
        {"format": 1, "maker": {}},
        {"format": 1, "maker": {**MAKER.__dict__, "dimension": "16"}, "containers": []},
        {"format": 1, "maker": MAKER.__dict__, "containers": ["Ann"] * 3},
        {"format": 1, "maker": MAKER.__dict__, "containers": []},
    ],
)
def test_an_export_with_another_list_is_refused(exported, tmp_path, content):
    with zipfile.ZipFile(exported) as archive, zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("embeddings.safetensors", archive.read("embeddings.safetensors"))
        other.writestr("gallery.json", json.dumps(content))
    gallery = ExactGallery(MAKER)
    with pytest.raises(ValueError, match="expected a gallery written by"):
        import_gallery(gallery, tmp_path / "other.zip")
    assert gallery.containers == 0


def test_flipped_bytes_are_noticed_or_harmless(exported):
    whole = exported.read_bytes()
    for place in range(0, len(whole), 97):
        exported.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        gallery = ExactGallery(MAKER)
        try:
            import_gallery(gallery, exported)
        except ValueError:
            assert gallery.containers == 0
        else:
            assert gallery.containers == 3
