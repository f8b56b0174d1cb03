"""`miais enroll`, `identify` and `gallery`: people of a gallery, by containers."""

import subprocess
import sys

import pytest
from support.photographs import photograph, side_by_side
from support.systems import CALIBRATION, tiny_lattice, tiny_system

from miais.image import decode_image, read_image, resize, write_png
from miais.system import load

pytest.importorskip("lancedb")


@pytest.fixture(scope="module")
def lattice(tmp_path_factory):
    return tiny_lattice(tmp_path_factory.mktemp("systems") / "lattice")


@pytest.fixture
def container(lattice, picture, tmp_path):
    """Hide a face in a cover: container("a.png", face=1, cover=2) -> path."""
    system = load(lattice)

    def write(name, face, cover):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        secret = read_image(picture("face.png", 64, 64, seed=face))
        write_png(tmp_path / name, system.hide(secret, read_image(picture("cover.png", 128, 160, seed=100 + cover))))
        return tmp_path / name

    return write


@pytest.fixture
def verb(miais, lattice, tmp_path):
    """Call a verb of the system and the gallery: verb("enroll", "Ann", path)."""

    def call(name, *arguments):
        model = () if name == "gallery" else ("--model", lattice)
        return miais(name, *arguments, "--gallery", tmp_path / "people", *model)

    return call


def people(verb):
    return {one["person"]: one["containers"] for one in verb("gallery", "list", "--json").records}


def test_people_are_enrolled_added_to_and_identified(verb, container):
    first = verb("enroll", "Ann", container("a1.png", 1, 1), container("a2.png", 1, 2), "--json")
    assert first.exit_code == 0, first.stderr
    assert [(one["file"].rsplit("/")[-1], one["person"]) for one in first.records] == [
        ("a1.png", "Ann"),
        ("a2.png", "Ann"),
    ]
    assert verb("enroll", "Bo", container("b.png", 2, 3)).exit_code == 0
    assert verb("enroll", "Ann", container("a3.png", 1, 4)).exit_code == 0
    assert people(verb) == {"Ann": 3, "Bo": 1}
    (known,) = verb("identify", container("x.png", 2, 5), "--json").records
    assert known["person"] == "Bo"
    assert [one["person"] for one in known["candidates"]] == ["Bo", "Ann"]
    near, far = known["candidates"]
    assert near["distance"] < known["threshold"] < far["distance"]
    assert near["probability"] == pytest.approx(CALIBRATION.probability(near["distance"], people=2))
    assert near["probability"] > 0.99 > 0.01 > far["probability"]
    assert known["threshold"] == CALIBRATION.threshold_for(4, 0.01)


def test_a_stranger_is_nobody_and_a_stricter_rate_is_stricter(verb, container):
    verb("enroll", "Ann", container("a.png", 1, 1))
    stranger = container("x.png", 3, 2)
    (record,) = verb("identify", stranger, "--json").records
    assert record["person"] is None
    assert record["candidates"][0]["person"] == "Ann"
    table = verb("identify", stranger)
    assert table.exit_code == 0
    assert "nobody" in table.stdout
    (strict,) = verb("identify", stranger, "--fpir", "0.0001", "--json").records
    assert strict["threshold"] < record["threshold"]
    assert len(verb("identify", stranger, "--top", "1", "--json").records[0]["candidates"]) == 1


def test_folders_of_people_are_enrolled(verb, container, tmp_path):
    for name, face in (("Ann Lee", 1), ("Bo", 2)):
        for cover in (1, 2):
            container(f"all/{name}/{cover}.png", face, cover)
    result = verb("enroll", "--people", tmp_path / "all", "--json")
    assert result.exit_code == 0, result.stderr
    assert people(verb) == {"Ann Lee": 2, "Bo": 2}
    assert verb("identify", container("x.png", 1, 5), "--json").records[0]["person"] == "Ann Lee"


def test_list_info_and_forget(verb, container, lattice):
    verb("enroll", "Ann", container("a.png", 1, 1))
    verb("enroll", "Bo", container("b.png", 2, 1), container("b2.png", 2, 2))
    (info,) = verb("gallery", "info", "--json").records
    card = load(lattice).card
    assert info == {
        "people": 2,
        "containers": 3,
        "system": "lattice",
        "system_hash": card.system_hash,
        "key_fingerprint": None,
        "dimension": 32,
    }
    assert "Bo" in verb("gallery", "list").stdout
    assert verb("gallery", "forget", "Bo", "--json").records == [{"person": "Bo", "removed": 2}]
    assert people(verb) == {"Ann": 1}
    again = verb("gallery", "forget", "Anne")
    assert again.exit_code == 1
    assert "nobody is enrolled as 'Anne'; did you mean 'Ann'?" in again.stderr
    assert verb("identify", container("x.png", 2, 5), "--json").records[0]["person"] is None


def test_a_gallery_is_carried_to_another_store(verb, miais, lattice, container, tmp_path):
    verb("enroll", "Ann", container("a.png", 1, 1))
    file, elsewhere = tmp_path / "people.zip", tmp_path / "elsewhere"
    assert verb("gallery", "export", file, "--json").records == [{"file": str(file), "containers": 1}]
    refused = verb("gallery", "export", file)
    assert refused.exit_code == 1
    assert "choose another name" in refused.stderr
    for added in (1, 0):
        (record,) = miais("gallery", "import", file, "--gallery", elsewhere, "--json").records
        assert record["containers"] == added
    probe = container("x.png", 1, 2)
    (found,) = miais("identify", probe, "--gallery", elsewhere, "--model", lattice, "--json").records
    assert found["person"] == "Ann"


def test_other_systems_and_keys_are_refused(verb, miais, container, lattice, tmp_path):
    other = tiny_system(tmp_path / "other")
    image, people_folder = container("a.png", 1, 1), tmp_path / "people"
    verb("enroll", "Ann", image)
    verb("gallery", "export", tmp_path / "people.zip")
    foreign = miais("enroll", "Ann", image, "--gallery", people_folder, "--model", other)
    assert foreign.exit_code == 1
    assert "made with another weights of the system (lattice: " in foreign.stderr
    (tmp_path / "my.key").write_text("5c" * 32)
    keyed = ("--model", lattice, "--key-file", tmp_path / "my.key")
    assert (
        "made with another key (lattice: public key"
        in miais("identify", image, "--gallery", people_folder, *keyed).stderr
    )
    miais("enroll", "Bo", image, "--gallery", tmp_path / "keyed", *keyed)
    merged = miais("gallery", "import", tmp_path / "people.zip", "--gallery", tmp_path / "keyed")
    assert merged.exit_code == 1
    assert "made with another key" in merged.stderr
    assert [one["person"] for one in miais("gallery", "list", "--gallery", tmp_path / "keyed", "--json").records] == [
        "Bo"
    ]


def test_bad_files_are_said_and_the_others_go_on(verb, container, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    good = container("a.png", 1, 1)
    result = verb("enroll", "Ann", tmp_path / "broken.png", tmp_path / "none.png", good, "--json")
    assert result.exit_code == 1
    assert [(one["person"], "error" in one) for one in result.records] == [(None, True), (None, True), ("Ann", False)]
    assert "2 of 3 files could not be enrolled" in result.stderr
    assert people(verb) == {"Ann": 1}
    asked = verb("identify", tmp_path / "broken.png", good)
    assert asked.exit_code == 1
    assert "1 of 2 files could not be identified" in asked.stderr
    assert "Ann" in asked.stdout


def test_missing_galleries_and_wrong_usage(verb, miais, container, tmp_path):
    image = container("a.png", 1, 1)
    for arguments in (("identify", image), ("gallery", "list"), ("gallery", "forget", "Ann")):
        result = verb(*arguments)
        assert result.exit_code == 1
        assert "no gallery is there; `miais enroll` makes one" in result.stderr
    assert not (tmp_path / "people").exists()
    for arguments, message in (
        ((), "or --people"),
        (("Ann",), "give a NAME and the containers"),
        (("Ann", image, "--people", tmp_path), "leave out 'Ann'"),
        (("--people", tmp_path / "none"), "expected a folder"),
        (("Ann", image, "--crop-face"), "add --cover"),
    ):
        result = verb("enroll", *arguments)
        assert result.exit_code == 2, arguments
        assert message in " ".join(result.stderr.replace("│", "").split())
    (tmp_path / "empty").mkdir()
    nobody = verb("enroll", "--people", tmp_path / "empty")
    assert nobody.exit_code == 1
    assert "a folder for each person" in nobody.stderr
    assert "expected a gallery written by" in verb("gallery", "import", image).stderr


def test_a_system_without_calibration_says_how_to_get_one(miais, tiny, container, tmp_path):
    image = container("a.png", 1, 1)
    assert miais("enroll", "Ann", image, "--gallery", tmp_path / "tiny", "--model", tiny).exit_code == 0
    result = miais("identify", image, "--gallery", tmp_path / "tiny", "--model", tiny)
    assert result.exit_code == 1
    assert "miais evaluate MODEL --split val --record" in result.stderr


def test_a_photograph_is_hidden_first_and_its_face_not_kept(verb, picture, lattice, tmp_path):
    write_png(tmp_path / "one.png", photograph("astronaut", 200))
    write_png(tmp_path / "two.png", side_by_side(photograph("astronaut", 200), photograph("astronaut", 150)))
    write_png(tmp_path / "none.png", photograph("coffee", 120))
    cover = picture("lake.png", 128, 160, seed=9)
    files = [tmp_path / name for name in ("one.png", "two.png", "none.png")]
    result = verb("enroll", "Ann", *files, "--cover", cover, "--crop-face", "--json")
    assert result.exit_code == 1
    assert [one.get("faces") for one in result.records] == [1, 2, None]
    assert "no face found" in result.records[2]["error"]
    assert "2 faces found; the largest" in result.stderr
    from miais.gallery.open import open_gallery

    gallery = open_gallery(str(tmp_path / "people"), None)
    kept = list(gallery.enrolments())
    gallery.close()
    assert len(kept) == 2
    for one in kept:
        small = decode_image(one.thumbnail, "thumbnail")
        like_cover = (small - resize(read_image(cover), small.shape[1:])).abs().mean()
        assert like_cover < 0.05
    # The embedding is that of a container somebody else made of the same face.
    from miais.framing import CascadeFinder, frame_face

    system = load(lattice)
    framed = frame_face(read_image(files[0]), CascadeFinder()).image
    write_png(tmp_path / "x.png", system.hide(framed, read_image(picture("hill.png", 128, 160, seed=10))))
    assert verb("identify", tmp_path / "x.png", "--json").records[0]["person"] == "Ann"


def test_pictures_hidden_whole_need_no_finder(verb, picture):
    face, cover = picture("face.png", 64, 64, seed=1), picture("lake.png", 128, 160, seed=9)
    result = verb("enroll", "Ann", face, "--cover", cover)
    assert result.exit_code == 0, result.stderr
    assert people(verb) == {"Ann": 1}


def test_help_imports_no_torch():
    code = "import sys\nfrom miais.cli import enroll, gallery, identify\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(filter(None, sys.path))})  # noqa: S603
