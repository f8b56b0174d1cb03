"""Galleries in a folder: there again, for one process at a time, and without a trace of who was forgotten."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from support.galleries import MAKER, contents, enrolment, vectors

from miais.gallery.exact import ExactGallery
from miais.gallery.folder import GalleryInUseError
from miais.gallery.makers import OtherMakerError
from miais.gallery.open import open_gallery

NAME = "Zebediah Quux"


def enrol_thirty(gallery, enrolled):
    for number, vector in enumerate(enrolled):
        name = NAME if number == 11 else f"person {number}"
        gallery.enrol([enrolment(name, vector, number, f"thumbnail of {number}.".encode())])


def test_nothing_of_a_forgotten_person_stays_in_the_files(folder):
    gallery = open_gallery(str(folder), MAKER, create=True)
    enrolled = vectors(30)
    enrol_thirty(gallery, enrolled)
    traces = [NAME.encode(), enrolled[11].numpy().tobytes(), b"thumbnail of 11."]
    assert all(trace in contents(folder) for trace in traces)
    assert gallery.forget(NAME) == 1
    assert not any(trace in contents(folder) for trace in traces)
    assert (len(gallery), gallery.containers) == (29, 29)
    gallery.close()


def test_nothing_stays_where_all_were_written_at_once(folder):
    """Once in some hundred times somebody stayed: the version before the last was younger than a millisecond."""
    gallery = open_gallery(str(folder), MAKER, create=True)
    enrolled = vectors(12)
    gallery.enrol([enrolment(NAME if n == 7 else f"P{n}", vector, n) for n, vector in enumerate(enrolled)])
    gallery.forget(NAME)
    assert NAME.encode() not in contents(folder)
    assert enrolled[7].numpy().tobytes() not in contents(folder)
    for n in range(12):
        if n != 7:
            gallery.forget(f"P{n}")
    assert not any(vector.numpy().tobytes() in contents(folder) for vector in enrolled)
    gallery.close()


def test_forgetting_is_finished_after_a_killed_process(folder, monkeypatch):
    gallery = open_gallery(str(folder), MAKER, create=True)
    enrol_thirty(gallery, vectors(30))

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("miais.gallery.lance.purge", killed)
        with pytest.raises(KeyboardInterrupt):
            gallery.forget(NAME)
    gallery.close()
    assert NAME.encode() in contents(folder)
    again = open_gallery(str(folder), MAKER)
    assert NAME.encode() not in contents(folder)
    assert len(again) == 29
    again.close()


@pytest.mark.parametrize("name", ["data/.tmpAbC123", "_versions/7.manifest#1"])
def test_files_that_a_killed_process_was_writing_are_deleted(folder, name):
    """LanceDB's own cleaning passes over files that have not got their names yet."""
    gallery = open_gallery(str(folder), MAKER, create=True)
    gallery.enrol([enrolment("Ann", vectors(1)[0])])
    gallery.close()
    (folder / "containers.lance" / name).write_bytes(NAME.encode())
    (folder / "unfinished").touch()
    again = open_gallery(str(folder), MAKER)
    assert NAME.encode() not in contents(folder)
    assert not (folder / "unfinished").exists()
    assert [one.name for one in again.people()] == ["Ann"]
    again.close()


def test_what_an_enrolment_that_failed_has_left_is_forgotten(folder, monkeypatch):
    """Nobody was enrolled, said `forget`, and the name stayed in the files."""
    gallery = open_gallery(str(folder), MAKER, create=True)
    gallery.enrol([enrolment("Ann", vectors(1)[0])])
    failed = folder / "containers.lance" / "data" / "unfinished.lance"

    def add(rows):
        failed.write_bytes(NAME.encode())
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(gallery._table, "add", add)
        with pytest.raises(OSError, match="no space"):
            gallery.enrol([enrolment(NAME, vectors(2)[1])])
    gallery.enrol([enrolment("Bo", vectors(3)[2])])  # what comes after it does not make it forgotten
    with pytest.raises(ValueError, match="nobody is enrolled"):
        gallery.forget(NAME)
    assert not failed.exists()
    assert [one.name for one in gallery.people()] == ["Ann", "Bo"]
    gallery.close()


def test_what_is_enrolled_does_not_fail_for_want_of_tidiness(folder, monkeypatch, caplog):
    """The disk was full when files were put together: an error, though the rows were in, and so they came twice."""

    def full(table):
        raise OSError("no space left on device")

    monkeypatch.setattr("miais.gallery.lance_upkeep._UNTIDY", 1)
    monkeypatch.setattr("miais.gallery.lance_upkeep._tidy", full)
    gallery = open_gallery(str(folder), MAKER, create=True)
    assert gallery.enrol([enrolment("Ann", vectors(1)[0])]) == 1
    assert "could not be tidied, which makes it slower: no space" in caplog.text
    gallery.close()


@pytest.mark.parametrize("kept_by", ["folder", "lite"])
def test_a_new_gallery_is_its_owners_alone(request, kept_by):
    """Everybody on the machine could read who is enrolled."""
    place = Path(request.getfixturevalue(kept_by))
    open_gallery(str(place), MAKER, create=True).close()
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_gallery_that_does_not_open_is_let_go(folder, monkeypatch):
    """The lock stayed, and the next try was told that this very process has the gallery open."""
    open_gallery(str(folder), MAKER, create=True).close()
    with monkeypatch.context() as patch:
        patch.setattr("miais.gallery.lance.schema_of", lambda dimension: 1 / 0)
        with pytest.raises(ZeroDivisionError) as kept:  # with its traceback, and so with all that it refers to
            open_gallery(str(folder), MAKER)
    assert kept
    open_gallery(str(folder), MAKER).close()


@pytest.mark.parametrize("name", ["people", "people.db"])
def test_folders_above_a_gallery_are_not_made(tmp_path, name):
    """A slip of the pen made a tree of folders with an empty gallery in it."""
    pytest.importorskip("milvus_lite" if name.endswith(".db") else "lancedb")
    with pytest.raises(FileNotFoundError, match=r"the folder .*/nosuch is not there; make it first"):
        open_gallery(str(tmp_path / "nosuch" / name), MAKER, create=True)
    assert list(tmp_path.iterdir()) == []


def test_what_differs_is_said(folder):
    open_gallery(str(folder), MAKER, create=True).close()
    with pytest.raises(OtherMakerError, match=r"made with other weights of that system \(tiny: aaaa.*, now tiny: bbbb"):
        open_gallery(str(folder), replace(MAKER, system_hash="b" * 64))
    with pytest.raises(OtherMakerError, match=r"made with another system \(tiny: aaaa.*, now large: bbbb"):
        open_gallery(str(folder), replace(MAKER, system="large", system_hash="b" * 64))


def test_an_index_finds_the_same_and_forgets(folder, monkeypatch):
    """From some size on there is an index, which holds the embeddings a second time."""
    monkeypatch.setattr("miais.gallery.lance_upkeep.INDEXED_FROM", 400)
    gallery, oracle = open_gallery(str(folder), MAKER, create=True), ExactGallery(MAKER)
    enrolled, late = vectors(500), vectors(20, seed=3)
    for batch in ([enrolment(f"P{n}", v) for n, v in enumerate(enrolled)], [enrolment("late", v) for v in late]):
        gallery.enrol(batch)
        oracle.enrol(batch)
    assert list(folder.rglob("*.idx"))
    probes = torch.cat([enrolled[:20], late])
    assert gallery.search(probes, 1) == oracle.search(probes, 1)
    gallery.forget("P3")
    assert enrolled[3].numpy().tobytes() not in contents(folder)
    assert list(folder.rglob("*.idx"))
    assert gallery.search(enrolled[3][None], 1) != oracle.search(enrolled[3][None], 1)
    gallery.close()


def test_many_small_enrolments_do_not_leave_many_files(folder, monkeypatch):
    """A process that enrolled one container and ended never tidied up: the next ones found a file for each."""
    monkeypatch.setattr("miais.gallery.lance_upkeep._UNTIDY", 6)
    for number, vector in enumerate(vectors(20)):
        gallery = open_gallery(str(folder), MAKER, create=True)
        gallery.enrol([enrolment("Ann", vector, number)])
        gallery.close()
    assert len(list(folder.rglob("data/*.lance"))) < 6
    again = open_gallery(str(folder), MAKER)
    assert (len(again), again.containers) == (1, 20)
    again.close()


def test_a_gallery_is_there_again_and_only_for_its_maker(folder):
    gallery = open_gallery(str(folder), MAKER, create=True)
    gallery.enrol([enrolment("Ann", vectors(1)[0])])
    gallery.close()
    with pytest.raises(OtherMakerError, match="another key"):
        open_gallery(str(folder), replace(MAKER, key_fingerprint="c" * 16))
    again = open_gallery(str(folder), None)
    assert (again.maker, [one.name for one in again.people()]) == (MAKER, ["Ann"])
    again.close()


OPEN_AND_WAIT = """
import sys
from support.galleries import MAKER
from miais.gallery.open import open_gallery
gallery = open_gallery(sys.argv[1], MAKER, create=True)
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_told_who_has_the_gallery(folder):
    path = os.pathsep.join(place for place in sys.path if place)
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", OPEN_AND_WAIT, str(folder)],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "open\n"
    with pytest.raises(GalleryInUseError, match=f"process {child.pid} on .* has this gallery open; wait for it"):
        open_gallery(str(folder), MAKER)
    child.communicate()
    open_gallery(str(folder), MAKER).close()


def test_a_missing_gallery_and_other_folders_are_refused(folder):
    with pytest.raises(FileNotFoundError, match="no gallery"):
        open_gallery(str(folder), MAKER)
    assert not folder.exists()
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    with pytest.raises(ValueError, match="other files"):
        open_gallery(str(folder), MAKER, create=True)


def test_a_gallery_killed_while_it_was_made_is_made_again(folder):
    """The unfinished file counted as somebody else's, and the folder was refused for ever."""
    folder.mkdir()
    (folder / ".maker.json.tmp").write_text("{")
    open_gallery(str(folder), MAKER, create=True).close()


def test_who_waited_for_the_lock_does_not_make_the_gallery_anew(folder, monkeypatch):
    """Two processes made one gallery: the second wrote its own maker over that of the first."""
    other = replace(MAKER, system_hash="b" * 64)

    def meanwhile(self, may_make):
        monkeypatch.undo()
        gallery = open_gallery(str(folder), MAKER, create=True)
        gallery.enrol([enrolment("Ann", vectors(1)[0])])
        gallery.close()

    monkeypatch.setattr("miais.gallery.folder.GalleryFolder._check_place", meanwhile)
    with pytest.raises(OtherMakerError, match="weights"):
        open_gallery(str(folder), other, create=True)


@pytest.mark.parametrize("content", ["", "[]", '{"format": 2}', '{"format": 1, "system": "x"}'])
def test_a_damaged_maker_is_refused(folder, content):
    open_gallery(str(folder), MAKER, create=True).close()
    (folder / "maker.json").write_text(content)
    with pytest.raises(ValueError, match=r"maker.json: this version of miais cannot read"):
        open_gallery(str(folder), MAKER)
