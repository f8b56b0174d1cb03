"""How often callers may ask, and that nobody can fill the memory by asking."""

import socket

import pytest
from fastapi.testclient import TestClient

from miais.service.access import KeyedAccess
from miais.service.access_keys import add_key
from miais.service.listening import listen
from miais.service.rate import Rate, parse_rate


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def keys_file(tmp_path):
    return tmp_path / "keys.json"


def test_whoever_tries_keys_is_counted_with_all_who_do_and_whoever_has_one_is_not(serve, keys_file):
    """Eight thousand wrong keys, each under an address of its own, were all answered with 401."""
    key = add_key(keys_file, "door", ["recognise"])
    client = serve(KeyedAccess(keys_file), rate="3/minute")
    addresses = [TestClient(client.app, base_url="http://127.0.0.1", client=(f"10.0.0.{n}", 1)) for n in range(5)]
    tried = [
        each.get("/people", headers={**bearer(f"guess{number}"), "X-Forwarded-For": f"2001:db8::{number}"})
        for number, each in enumerate(addresses)
    ]
    assert [each.status_code for each in tried] == [401, 401, 401, 429, 429]
    assert 1 <= int(tried[-1].headers["Retry-After"]) <= 60
    assert client.get("/people", headers=bearer(key)).status_code == 200


def test_there_are_as_many_counts_as_keys_and_one_more():
    rate = Rate("100000/minute")
    for number in range(50):
        rate.count_nobody()
        rate.count_caller(f"key {number % 2}")
    assert len(rate.storage.events) == 3


def test_a_rate_that_lets_nobody_in_is_refused():
    with pytest.raises(ValueError, match="expected a rate of 1 request or more"):
        parse_rate("0/minute")


def test_an_address_that_a_header_names_is_nobodys(monkeypatch):
    """Uvicorn takes `X-Forwarded-For` of this machine for true unless told otherwise."""
    seen = []
    monkeypatch.setattr("uvicorn.Server.run", lambda server, sockets: seen.append(server.config))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listen(lambda: None, listener, grace_seconds=1)
    (config,) = seen
    assert config.proxy_headers is False


def test_who_asks_too_often_is_not_given_a_line_in_the_audit_log(serve, audit_file):
    client = serve(rate="2/minute")
    answers = [client.get("/people") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert len(audit_file.read_text().splitlines()) == 2
