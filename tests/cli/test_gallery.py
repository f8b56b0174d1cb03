"""`miais identify` and `miais gallery`, and what `miais enroll` leaves for them."""

import subprocess
import sys

import pytest
from support.systems import CALIBRATION, tiny_system

from miais.system import load

pytest.importorskip("lancedb")


def people(people_verb):
    return {one["person"]: one["containers"] for one in people_verb("gallery", "list", "--json").records}


def test_people_are_enrolled_added_to_and_identified(people_verb, container):
    first = people_verb("enroll", "Ann", container("a1.png", 1, 1), container("a2.png", 1, 2), "--json")
    assert first.exit_code == 0, first.stderr
    assert [(one["file"].rsplit("/")[-1], one["person"]) for one in first.records] == [
        ("a1.png", "Ann"),
        ("a2.png", "Ann"),
    ]
    assert people_verb("enroll", "Bo", container("b.png", 2, 3)).exit_code == 0
    assert people_verb("enroll", "Ann", container("a3.png", 1, 4)).exit_code == 0
    assert people(people_verb) == {"Ann": 3, "Bo": 1}
    (known,) = people_verb("identify", container("x.png", 2, 5), "--json").records
    assert known["person"] == "Bo"
    assert [one["person"] for one in known["candidates"]] == ["Bo", "Ann"]
    near, far = known["candidates"]
    assert near["distance"] < known["threshold"] < far["distance"]
    assert near["probability"] == pytest.approx(CALIBRATION.probability(near["distance"], people=2))
    assert near["probability"] > 0.99 > 0.01 > far["probability"]
    assert known["threshold"] == CALIBRATION.threshold_for(4, 0.01)


def test_a_stranger_is_nobody_and_a_stricter_rate_is_stricter(people_verb, container):
    people_verb("enroll", "Ann", container("a.png", 1, 1))
    stranger = container("x.png", 3, 2)
    (record,) = people_verb("identify", stranger, "--json").records
    assert record["person"] is None
    assert record["candidates"][0]["person"] == "Ann"
    table = people_verb("identify", stranger)
    assert table.exit_code == 0
    assert "nobody" in table.stdout
    assert "threshold" in table.stdout
    assert f"{record['threshold']:.6g}" in table.stdout  # without it nobody sees why
    (strict,) = people_verb("identify", stranger, "--fpir", "0.0001", "--json").records
    assert strict["threshold"] < record["threshold"]
    assert len(people_verb("identify", stranger, "--top", "1", "--json").records[0]["candidates"]) == 1


def test_list_info_and_forget(people_verb, container, lattice):
    people_verb("enroll", "Ann", container("a.png", 1, 1))
    people_verb("enroll", "Bo", container("b.png", 2, 1), container("b2.png", 2, 2))
    (info,) = people_verb("gallery", "info", "--json").records
    card = load(lattice).card
    assert info == {
        "people": 2,
        "containers": 3,
        "system": "lattice",
        "system_hash": card.system_hash,
        "key_fingerprint": None,
        "dimension": 32,
    }
    assert "Bo" in people_verb("gallery", "list").stdout
    assert people_verb("gallery", "forget", "Bo", "--json").records == [{"person": "Bo", "removed": 2}]
    assert people(people_verb) == {"Ann": 1}
    again = people_verb("gallery", "forget", "Anne")
    assert again.exit_code == 1
    assert again.stderr == "Error: nobody is enrolled as 'Anne'; did you mean 'Ann'?\n"
    unlike = people_verb("gallery", "forget", "Zebediah")
    assert unlike.stderr == "Error: nobody is enrolled as 'Zebediah'; `miais gallery list` shows who is\n"
    assert people_verb("identify", container("x.png", 2, 5), "--json").records[0]["person"] is None


def test_a_long_name_takes_one_line_of_the_list(people_verb, container):
    people_verb("enroll", "Ann " * 49 + "Lee", container("a.png", 1, 1))
    lines = people_verb("gallery", "list").stdout.splitlines()
    assert sum("Ann" in line for line in lines) == 1
    assert "…" in "".join(lines)
    assert people(people_verb) == {"Ann " * 49 + "Lee": 1}


def test_a_gallery_is_carried_to_another_store(people_verb, miais, lattice, container, tmp_path):
    people_verb("enroll", "Ann", container("a.png", 1, 1))
    file, elsewhere = tmp_path / "people.zip", tmp_path / "elsewhere"
    assert people_verb("gallery", "export", file, "--json").records == [{"file": str(file), "containers": 1}]
    refused = people_verb("gallery", "export", file)
    assert refused.exit_code == 1
    assert "choose another name" in refused.stderr
    for added, there in ((1, 0), (0, 1)):
        (record,) = miais("gallery", "import", file, "--gallery", elsewhere, "--json").records
        assert (record["containers"], record["already_there"]) == (added, there)
    probe = container("x.png", 1, 2)
    (found,) = miais("identify", probe, "--gallery", elsewhere, "--model", lattice, "--json").records
    assert found["person"] == "Ann"


def test_other_systems_and_keys_are_refused(people_verb, miais, container, lattice, tmp_path):
    other = tiny_system(tmp_path / "other")
    image, people_folder = container("a.png", 1, 1), tmp_path / "people"
    people_verb("enroll", "Ann", image)
    people_verb("gallery", "export", tmp_path / "people.zip")
    foreign = miais("enroll", "Ann", image, "--gallery", people_folder, "--model", other)
    assert foreign.exit_code == 1
    assert "made with another system (lattice: " in foreign.stderr
    (tmp_path / "my.key").write_text("5c" * 32)
    keyed = ("--model", lattice, "--key-file", tmp_path / "my.key")
    assert (
        "made with another key (lattice: public key"
        in miais("identify", image, "--gallery", people_folder, *keyed).stderr
    )
    miais("enroll", "Bo", image, "--cover", image, "--gallery", tmp_path / "keyed", *keyed)
    merged = miais("gallery", "import", tmp_path / "people.zip", "--gallery", tmp_path / "keyed")
    assert merged.exit_code == 1
    assert "made with another key" in merged.stderr
    assert [one["person"] for one in miais("gallery", "list", "--gallery", tmp_path / "keyed", "--json").records] == [
        "Bo"
    ]


def test_a_system_without_calibration_says_how_to_get_one(miais, tiny, container, tmp_path):
    image = container("a.png", 1, 1)
    assert miais("enroll", "Ann", image, "--gallery", tmp_path / "tiny", "--model", tiny).exit_code == 0
    result = miais("identify", image, "--gallery", tmp_path / "tiny", "--model", tiny)
    assert result.exit_code == 1
    assert "miais evaluate MODEL --split val --record" in result.stderr


def test_help_imports_no_torch():
    code = "import sys\nfrom miais.cli import enroll, gallery, identify\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(filter(None, sys.path))})  # noqa: S603


def test_the_token_of_a_server_comes_from_the_environment(miais, monkeypatch):
    asked = []

    def away(uri, maker, *, create, token):
        asked.append((uri, token))
        raise ConnectionError(f"{uri}: away")

    monkeypatch.setattr("miais.gallery.open.open_gallery", away)
    monkeypatch.delenv("MILVUS_TOKEN", raising=False)
    result = miais("gallery", "list", "--gallery", "http://host:19530")
    assert (result.exit_code, result.stderr) == (1, "Error: http://host:19530: away\n")
    monkeypatch.setenv("MILVUS_TOKEN", "root:word")
    miais("gallery", "list", "--gallery", "http://host:19530")
    assert [token for _, token in asked] == [None, "root:word"]
