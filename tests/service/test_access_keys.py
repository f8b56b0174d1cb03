"""The file of access keys: what is read of it, and who may change it when."""

import json
import threading

import pytest

from miais.service import access_keys
from miais.service.access import KeyedAccess
from miais.service.access_keys import add_key, read_keys


@pytest.mark.parametrize("sha256", [None, "ключ", 12, "ab" * 31, "A" * 64])
def test_a_hash_that_is_none_is_refused_when_it_is_read(tmp_path, sha256):
    """Each request with a key would fail else."""
    file = tmp_path / "keys.json"
    add_key(file, "door", ["recognise"])
    content = json.loads(file.read_text())
    content["keys"][0]["sha256"] = sha256
    file.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="a sha256 of 64 hexadecimal digits"):
        KeyedAccess(file)


def test_two_keys_made_in_one_moment_are_both_there(tmp_path, monkeypatch):
    """Both programs read the file before one of them had written it, and one key was lost."""
    file, write = tmp_path / "keys.json", access_keys._write
    add_key(file, "first", ["hide"])
    writing, go_on = threading.Event(), threading.Event()

    def slow(path, keys):
        if not writing.is_set():
            writing.set()
            assert go_on.wait(30)
        write(path, keys)

    monkeypatch.setattr(access_keys, "_write", slow)
    threads = [threading.Thread(target=add_key, args=(file, name, ["hide"])) for name in ("second", "third")]
    threads[0].start()
    assert writing.wait(30)
    threads[1].start()
    threads[1].join(1)  # without a lock it is done by then
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert {key.name for key in read_keys(file)} == {"first", "second", "third"}


def test_keys_that_cannot_be_written_leave_the_old_ones_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "keys.json"
    add_key(file, "door", ["recognise"])

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(access_keys.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        add_key(file, "second", ["hide"])
    assert [key.name for key in read_keys(file)] == ["door"]
    assert {path.name for path in tmp_path.iterdir()} <= {"keys.json", ".keys.json.lock"}
