"""What `miais serve` refuses before it listens; tests/service has what it does then."""

import socket

import pytest


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--host", "0.0.0.0"), "expected access keys where the service can be reached from other machines"),  # noqa: S104
        (("--keys", "none.json"), "no such file of access keys"),
        (("--allow-restore",), "tiny cannot restore"),
        (("--max-megapixels", "nan"), "cannot convert float NaN"),
        (("--timeout", "nan"), "expected a positive number as seconds"),
        (("--rate", "often"), "expected a rate such as 600/minute"),
        (("--rate", "0/minute"), "expected a rate of 1 request or more"),
        (("--audit", "nosuch/audit.jsonl"), "nosuch/audit.jsonl: the audit log cannot be opened"),
    ],
)
def test_what_it_does_not_serve_with(miais, tiny, tmp_path, options, part):
    kept = "--gallery", tmp_path / "people", "--audit", tmp_path / "audit.jsonl"
    refused = miais("serve", "--model", tiny, "--port", "0", *kept, *options)
    assert (refused.exit_code, part in refused.stderr) == (1, True), refused.stderr


def test_an_address_that_is_taken(miais, tiny):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = miais("serve", "--model", tiny, "--port", port)
    assert (refused.exit_code, f"cannot listen on 127.0.0.1, port {port}" in refused.stderr) == (1, True)
