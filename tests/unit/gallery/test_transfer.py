"""Galleries carried elsewhere as a file."""

import json
import os
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from dataclasses import replace

import pytest
from safetensors.torch import save
from support.galleries import MAKER, D, enrolment, vectors

from miais.gallery.exact import ExactGallery
from miais.gallery.makers import OtherMakerError
from miais.gallery.transfer import Imported, export_gallery, import_gallery, maker_in

BOMB = 40_000_000  # bytes, unpacked


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
    assert import_gallery(other, tmp_path / "people.zip") == Imported(added=4, there=0)
    assert other.people() == gallery.people()
    assert other.search(enrolled, 3) == gallery.search(enrolled, 3)
    assert {one.thumbnail for one in other.enrolments()} == {bytes([n]) * 9 for n in range(4)}


def test_what_is_there_is_not_added_again(gallery, exported):
    assert import_gallery(gallery, exported) == Imported(added=3, there=0)
    assert import_gallery(gallery, exported) == Imported(added=0, there=3)
    gallery.forget("P1")
    gallery.enrol([enrolment("P2", vectors(1, seed=5)[0])])
    assert import_gallery(gallery, exported) == Imported(added=1, there=2)
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
        with pytest.raises(ValueError, match=r"written by `miais gallery export`: it is something else, or damaged$"):
            import_gallery(ExactGallery(MAKER), tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"nosuch.zip: there is no such file"):
        maker_in(tmp_path / "nosuch.zip")


def test_an_export_is_its_owners_alone(exported):
    """Everybody on the machine could read it, with the names and the vectors."""
    assert exported.stat().st_mode & 0o777 == 0o600


def test_the_same_container_of_another_day_is_there_already(exported):
    """The time of enrolment is no part of what a container is known by."""
    gallery = ExactGallery(MAKER)
    gallery.enrol([enrolment("P1", vectors(3)[1], minute=500)])
    assert import_gallery(gallery, exported) == Imported(added=2, there=1)


def packed_again(exported, path, how, **changed):
    """Write an export anew, packed in another way and with other contents."""
    with zipfile.ZipFile(exported) as archive, zipfile.ZipFile(path, "w", how) as other:
        for name in archive.namelist():
            other.writestr(name, changed.get(name.split(".")[0], archive.read(name)))
    return path


def test_exports_that_were_packed_again_are_read_or_refused(exported, tmp_path):
    """What LZMA says of damaged data was no error that the import knew."""
    packed = packed_again(exported, tmp_path / "deflated.zip", zipfile.ZIP_DEFLATED)
    assert import_gallery(ExactGallery(MAKER), packed).added == 3
    for how in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        packed = packed_again(exported, tmp_path / f"{how}.zip", how)
        with pytest.raises(ValueError, match=r"written by .*: it is packed in another way"):
            maker_in(packed)


@pytest.fixture
def memory():
    """Say how much memory was used at most."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


@pytest.mark.parametrize("name", ["gallery", "embeddings"])
def test_a_bomb_is_refused_before_it_is_unpacked(exported, tmp_path, memory, name):
    bomb = packed_again(exported, tmp_path / "bomb.zip", zipfile.ZIP_DEFLATED, **{name: bytes(BOMB)})
    tracemalloc.reset_peak()
    with pytest.raises(ValueError, match=r"written by .*: unpacked it would take 4\d{7} bytes, too many"):
        import_gallery(ExactGallery(MAKER), bomb)
    assert memory() < BOMB / 4


def test_a_bomb_that_tells_a_small_size_is_not_unpacked(exported, tmp_path, memory):
    """The archive's list is the attacker's: what it calls small was unpacked in full, and then cut."""
    bomb = packed_again(exported, tmp_path / "bomb.zip", zipfile.ZIP_DEFLATED, gallery=bytes(BOMB))
    told = struct.pack("<I", BOMB)
    assert bomb.read_bytes().count(told) == 2  # before the file, and in the list at the end
    bomb.write_bytes(bomb.read_bytes().replace(told, struct.pack("<I", 100)))
    tracemalloc.reset_peak()
    with pytest.raises(ValueError, match="something else, or damaged"):
        maker_in(bomb)
    assert memory() < BOMB / 4


def test_vectors_of_nobody_are_refused(exported, tmp_path):
    many = save({"embeddings": vectors(300)})
    packed = packed_again(exported, tmp_path / "many.zip", zipfile.ZIP_STORED, embeddings=many)
    with pytest.raises(ValueError, match=r"embeddings.safetensors holds more than the 3 containers of gallery.json"):
        import_gallery(ExactGallery(MAKER), packed)


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
