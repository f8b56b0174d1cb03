"""Nothing is changed or answered that the audit log does not have, and each of its lines can be read."""

import errno
import json
import os

import pytest

from miais.service.audit import AuditEntry, AuditLog


@pytest.fixture
def log(audit_file):
    log = AuditLog(audit_file)
    yield log
    log.close()


def entry(number):
    return AuditEntry("2026-11-27T12:00:00+00:00", str(number), "local", "enrol", ("Ada",), 201)


def read(path):
    return [json.loads(line)["request"] for line in path.read_text().splitlines()]


def test_an_entry_is_forced_to_the_disk_before_it_counts(log, audit_file, monkeypatch):
    forced = []
    monkeypatch.setattr("os.fsync", lambda _: forced.append(audit_file.read_text()))
    log.write(entry(1))
    assert forced == [audit_file.read_text()]

    def broken(_):
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr("os.fsync", broken)
    with pytest.raises(OSError, match="input/output error"):
        log.write(entry(2))


def test_half_an_entry_spoils_no_other(log, audit_file, monkeypatch):
    """The disk was full for a moment, and two entries became one line that nobody could read."""
    write = os.write
    log.write(entry(1))
    with monkeypatch.context() as full:
        full.setattr("os.write", lambda file, line: write(file, line[:20]))
        with pytest.raises(OSError, match="only 20 of"):
            log.write(entry(2))
    log.write(entry(3))
    log.write(entry(4))
    whole, half, *others = audit_file.read_text().splitlines()
    assert (json.loads(whole)["request"], len(half)) == ("1", 20)
    assert [json.loads(line)["request"] for line in others] == ["3", "4"]


def test_half_an_entry_of_a_process_that_is_gone_spoils_none_either(audit_file):
    audit_file.write_text('{"time": "2026-1')
    log = AuditLog(audit_file)
    log.write(entry(1))
    log.close()
    half, whole = audit_file.read_text().splitlines()
    assert (half, json.loads(whole)["request"]) == ('{"time": "2026-1', "1")


def test_a_change_begins_in_the_audit_log(client, hidden, audit_file, monkeypatch):
    """What a process that is killed in between has done is there to be found."""
    gallery, seen = client.app.state.workshop.gallery.gallery, []

    def last():
        return json.loads(audit_file.read_text().splitlines()[-1])

    for verb in ("enrol", "forget"):
        change = getattr(gallery, verb)
        monkeypatch.setattr(gallery, verb, lambda what, change=change: [seen.append(last()), change(what)][1])
    client.post("/enroll", files={"containers": hidden}, data={"person": "Ada"})
    client.delete("/people/Ada")
    assert [(each["verb"], each["about"], each["status"]) for each in seen] == [
        ("enrol", ["Ada"], "begun"),
        ("forget", ["Ada"], "begun"),
    ]


def test_nothing_is_changed_that_cannot_be_written_down(client, hidden, monkeypatch):
    """People were enrolled and forgotten while the disk of the audit log was full; the answer alone was refused."""
    client.post("/enroll", files={"containers": hidden}, data={"person": "Ada"})

    def full(entry):
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(client.app.state.gate._audit, "write", full)
        enrolled = client.post("/enroll", files={"containers": hidden}, data={"person": "Bob"})
        forgotten = client.delete("/people/Ada")
    assert (enrolled.status_code, forgotten.status_code) == (503, 503)
    assert [each["person"] for each in client.get("/people").json()] == ["Ada"]
