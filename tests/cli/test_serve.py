"""What `miais serve` refuses before it listens; tests/service has what it does then."""

import socket

import pytest


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--host", "0.0.0.0"), "expected access keys where the service can be reached from other machines"),  # noqa: S104
        (("--keys", "none.json"), "no such file of access keys"),
        (("--allow-restore",), "tiny cannot restore"),
        (("--rate", "often"), "expected a rate such as 600/minute"),
        (("--rate", "0/minute"), "expected a rate of 1 request or more"),
        (("--audit", "nosuch/audit.jsonl"), "nosuch/audit.jsonl: the audit log cannot be opened"),
    ],
)
def test_what_it_does_not_serve_with(miais, tiny, tmp_path, options, part):
    kept = "--gallery", tmp_path / "people", "--audit", tmp_path / "audit.jsonl"
    refused = miais("serve", "--model", tiny, "--port", "0", *kept, *options)
    assert (refused.exit_code, part in refused.stderr) == (1, True), refused.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--max-megapixels", "0"),
        ("--max-megapixels", "80"),
        ("--max-upload-mb", "-1"),
        ("--timeout", "0"),
        ("--timeout", "nan"),
        ("--queue", "0"),
    ],
)
def test_what_an_option_does_not_take_is_said_by_its_name(miais, tiny, option, value):
    refused = miais("serve", "--model", tiny, option, value)
    assert (refused.exit_code, f"Invalid value for '{option}'" in refused.stderr) == (2, True), refused.stderr


@pytest.mark.parametrize("options", [("--rate", "0/minute"), ("--rate", "often"), ("--audit", "nosuch/audit.jsonl")])
def test_what_can_be_refused_at_once_is_refused_before_a_system_is_loaded(miais, tmp_path, monkeypatch, options):
    monkeypatch.setattr("miais.cli.load_system.load_system", lambda *_: pytest.fail("it was loaded"))
    assert miais("serve", "--port", "0", "--gallery", tmp_path / "people", *options).exit_code == 1


def test_an_address_that_is_taken(miais, tiny):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = miais("serve", "--model", tiny, "--port", port)
    assert (refused.exit_code, f"cannot listen on 127.0.0.1, port {port}" in refused.stderr) == (1, True)
