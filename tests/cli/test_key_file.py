"""--key-file: the same key reads, another one does not, and a folder hidden under one is hidden again under another."""

import json

import pytest
from support.systems import tiny_lattice

from miais.image import read_image
from miais.keys import key_fingerprint
from miais.system import load


@pytest.fixture(scope="module")
def lattice(tmp_path_factory):
    return tiny_lattice(tmp_path_factory.mktemp("systems") / "lattice")


@pytest.fixture
def keys(tmp_path):
    paths = [tmp_path / name for name in ("ours.key", "theirs.key")]
    for byte, path in enumerate(paths):
        path.write_text(bytes([byte] * 32).hex())
    return paths


def test_containers_are_read_under_their_key_alone(miais, lattice, keys, picture, tmp_path):
    secret = picture("secret.png")
    for name, key in (("a", keys[0]), ("b", keys[0]), ("c", keys[1])):
        cover = picture(f"cover-{name}.png", 96, 96, seed=ord(name))
        arguments = ("-o", tmp_path / f"{name}.png", "--model", lattice, "--key-file", key)
        assert miais("hide", secret, cover, *arguments).exit_code == 0
    same, other = (
        miais("verify", tmp_path / "a.png", tmp_path / name, "--model", lattice, "--key-file", keys[0], "--json")
        for name in ("b.png", "c.png")
    )
    assert same.records[0]["same"] is True
    assert other.exit_code == 1
    assert f"{tmp_path / 'c.png'}: expected a container that lattice can read" in other.stderr
    system, container = load(lattice), read_image(tmp_path / "a.png")
    vectors = load(lattice, key=bytes(32)).embed(container), system.embed(container)
    assert (vectors[0] - vectors[1]).norm() > 0.5


def test_folder_under_another_key_is_hidden_again(miais, lattice, keys, picture, tmp_path):
    picture("secrets/a.png")
    cover, out = picture("cover.png", 96, 96), tmp_path / "out"
    made = []
    for key in (keys[0], keys[0], keys[1], None):
        option = () if key is None else ("--key-file", key)
        assert miais("hide", tmp_path / "secrets", cover, "-o", out, "--model", lattice, *option).exit_code == 0
        entry = json.loads((out / "manifest.jsonl").read_text())
        assert entry["key"] == (None if key is None else key_fingerprint(bytes.fromhex(key.read_text())))
        made.append((out / "a.png").stat().st_mtime_ns)
    assert made[0] == made[1] < made[2] < made[3]


def test_system_without_a_key_refuses_one(miais, tiny, keys, picture, tmp_path):
    result = miais(
        "hide", picture("a.png"), picture("b.png"), "-o", tmp_path / "c.png", "--model", tiny, "--key-file", keys[0]
    )
    assert result.exit_code == 1
    assert "expected a system on a lattice" in result.stderr


def test_key_file_that_is_missing_or_no_key_is_an_error(miais, lattice, picture, tmp_path):
    for path, message in ((tmp_path / "none", "none"), (picture("a.png"), "32 random bytes")):
        result = miais("embed", picture("a.png"), "--model", lattice, "--key-file", path)
        assert result.exit_code == 1
        assert message in result.stderr
