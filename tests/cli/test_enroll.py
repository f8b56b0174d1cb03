"""`miais enroll`: containers of one person, of many, and photographs that are hidden first."""

import subprocess
import sys

import pytest
from support.photographs import photograph, side_by_side

from miais.framing import CascadeFinder, frame_face
from miais.gallery.open import open_gallery
from miais.image import decode_image, read_image, resize, write_png
from miais.system import load

pytest.importorskip("lancedb")


def people(people_verb):
    return {one["person"]: one["containers"] for one in people_verb("gallery", "list", "--json").records}


def test_folders_of_people_are_enrolled(people_verb, container, tmp_path):
    for name, face in (("Ann Lee", 1), ("Bo", 2)):
        for cover in (1, 2):
            container(f"all/{name}/{cover}.png", face, cover)
    result = people_verb("enroll", "--people", tmp_path / "all", "--json")
    assert result.exit_code == 0, result.stderr
    assert people(people_verb) == {"Ann Lee": 2, "Bo": 2}
    assert people_verb("identify", container("x.png", 1, 5), "--json").records[0]["person"] == "Ann Lee"


def test_bad_files_are_said_and_the_others_go_on(people_verb, container, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    good = container("a.png", 1, 1)
    result = people_verb("enroll", "Ann", tmp_path / "broken.png", tmp_path / "none.png", good, "--json")
    assert result.exit_code == 1
    assert [(one["person"], "error" in one) for one in result.records] == [(None, True), (None, True), ("Ann", False)]
    assert "2 of 3 files could not be enrolled" in result.stderr
    assert people(people_verb) == {"Ann": 1}
    asked = people_verb("identify", tmp_path / "broken.png", good)
    assert asked.exit_code == 1
    assert "1 of 2 files could not be identified" in asked.stderr
    assert "Ann" in asked.stdout


def test_folders_without_pictures_are_said_and_the_others_go_on(people_verb, container, tmp_path):
    """One empty folder, and nobody was enrolled."""
    container("all/Ann/1.png", 1, 1)
    container("all/Cy/1.png", 2, 1)
    (tmp_path / "all" / "Bo").mkdir()
    result = people_verb("enroll", "--people", tmp_path / "all", "--json")
    assert result.exit_code == 1
    assert [one["person"] for one in result.records] == ["Ann", None, "Cy"]
    assert "no pictures in it" in result.records[1]["error"]
    assert "1 of 3 files or folders could not be enrolled" in result.stderr
    assert people(people_verb) == {"Ann": 1, "Cy": 1}


def test_a_container_counts_once(people_verb, container):
    image = container("a.png", 1, 1)
    assert [one["added"] for one in people_verb("enroll", "Ann", image, "--json").records] == [True]
    again = people_verb("enroll", " Ann ", image, "--json")
    assert (again.exit_code, again.stderr) == (0, "")
    assert [(one["person"], one["added"]) for one in again.records] == [("Ann", False)]
    assert "Ann (already enrolled)" in people_verb("enroll", "Ann", image).stdout
    assert people(people_verb) == {"Ann": 1}


def test_one_person_under_two_names_is_warned_of(people_verb, container):
    first, second = container("a.png", 1, 1), container("b.png", 1, 2)
    people_verb("enroll", "Ann", first)
    case = people_verb("enroll", "ann", second)
    assert case.exit_code == 0
    assert "Warning:" in case.stderr
    assert "'ann' is enrolled as somebody new beside 'Ann'" in case.stderr
    assert "the same container" not in case.stderr
    assert people_verb("enroll", "ann", container("c.png", 1, 3)).stderr == ""
    other = people_verb("enroll", "Bo", first)
    assert other.exit_code == 0
    assert "the same container is enrolled as 'Ann' too" in other.stderr
    assert "somebody new beside" not in other.stderr
    assert people(people_verb) == {"Ann": 1, "Bo": 1, "ann": 2}


def test_wrong_usage_is_said_before_a_system_is_loaded():
    """It took nine seconds to hear that a name is missing."""
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom miais.cli.main import app\n"
        "for arguments in (['', 'a.png'], ['Ada'], ['..', 'a.png'], [], ['--people', 'nosuch']):\n"
        "    assert CliRunner().invoke(app, ['enroll', *arguments, '--gallery', 'people']).exit_code == 2\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(filter(None, sys.path))})  # noqa: S603


def test_missing_galleries_and_wrong_usage(people_verb, miais, container, tmp_path):
    image = container("a.png", 1, 1)
    for arguments in (("identify", image), ("gallery", "list"), ("gallery", "forget", "Ann")):
        result = people_verb(*arguments)
        assert result.exit_code == 1
        assert "no gallery is there; `miais enroll` makes one" in result.stderr
    assert not (tmp_path / "people").exists()
    for arguments, message in (
        ((), "or --people"),
        (("Ann",), "give a NAME and the containers"),
        (("Ann", image, "--people", tmp_path), "leave out 'Ann'"),
        (("--people", tmp_path / "none"), "expected a folder"),
        (("Ann", image, "--crop-face"), "add --cover"),
        (("", image), "got 0 characters"),
        ((".", image), "expected a name, got '.'"),
    ):
        result = people_verb("enroll", *arguments)
        assert result.exit_code == 2, arguments
        assert message in " ".join(result.stderr.replace("│", "").split())
    (tmp_path / "empty").mkdir()
    nobody = people_verb("enroll", "--people", tmp_path / "empty")
    assert nobody.exit_code == 1
    assert "a folder for each person" in nobody.stderr
    assert "expected a gallery written by" in people_verb("gallery", "import", image).stderr


def test_a_photograph_is_hidden_first_and_its_face_not_kept(people_verb, picture, lattice, tmp_path):
    write_png(tmp_path / "one.png", photograph("astronaut", 200))
    write_png(tmp_path / "two.png", side_by_side(photograph("astronaut", 190), photograph("astronaut", 150)))
    write_png(tmp_path / "none.png", photograph("coffee", 120))
    cover = picture("lake.png", 128, 160, seed=9)
    files = [tmp_path / name for name in ("one.png", "two.png", "none.png")]
    result = people_verb("enroll", "Ann", *files, "--cover", cover, "--crop-face", "--json")
    assert result.exit_code == 1
    assert [one.get("faces") for one in result.records] == [1, 2, None]
    assert "no face found" in result.records[2]["error"]
    assert "2 faces found; the largest" in result.stderr
    gallery = open_gallery(str(tmp_path / "people"), None)
    kept = list(gallery.enrolments())
    gallery.close()
    assert len(kept) == 2
    for one in kept:
        small = decode_image(one.thumbnail, "thumbnail")
        like_cover = (small - resize(read_image(cover), small.shape[1:])).abs().mean()
        assert like_cover < 0.05
    # The embedding is that of a container somebody else made of the same face.
    system = load(lattice)
    framed = frame_face(read_image(files[0]), CascadeFinder()).image
    write_png(tmp_path / "x.png", system.hide(framed, read_image(picture("hill.png", 128, 160, seed=10))))
    assert people_verb("identify", tmp_path / "x.png", "--json").records[0]["person"] == "Ann"


def test_pictures_hidden_whole_need_no_finder(people_verb, picture):
    face, cover = picture("face.png", 64, 64, seed=1), picture("lake.png", 128, 160, seed=9)
    result = people_verb("enroll", "Ann", face, "--cover", cover)
    assert result.exit_code == 0, result.stderr
    assert people(people_verb) == {"Ann": 1}
