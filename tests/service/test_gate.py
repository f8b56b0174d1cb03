"""Who is let in, how often, how much at once, and how large."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from support.pictures import picture_bytes

from miais.service.access import KeyedAccess, choose_access
from miais.service.access_keys import add_key, find_key, read_keys, remove_key
from miais.service.batching import Work


@pytest.fixture
def keys_file(tmp_path):
    return tmp_path / "keys.json"


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def test_a_key_opens_what_its_roles_say_and_nothing_else(serve, keys_file, secret, cover):
    door, hider = add_key(keys_file, "door", ["recognise"]), add_key(keys_file, "hider", ["hide"])
    client = serve(KeyedAccess(keys_file))
    pictures = {"secret": secret, "cover": cover}
    assert client.post("/hide", files=pictures).status_code == 401
    assert client.post("/hide", files=pictures, headers=bearer(hider + "x")).status_code == 401
    assert client.post("/hide", files=pictures, headers=bearer(door)).status_code == 403
    assert client.post("/hide", files=pictures, headers=bearer(hider)).status_code == 200
    assert client.get("/people", headers=bearer(door)).status_code == 200
    assert client.delete("/people/Ada", headers=bearer(door)).status_code == 403
    assert client.get("/metrics", headers=bearer(door)).status_code == 403
    registrar, prometheus = add_key(keys_file, "registrar", ["admin"]), add_key(keys_file, "prometheus", ["metrics"])
    assert client.get("/metrics", headers=bearer(registrar)).status_code == 200
    assert client.get("/people", headers=bearer(registrar)).status_code == 200
    assert client.get("/people", headers=bearer(hider)).status_code == 403
    assert client.get("/metrics", headers=bearer(prometheus)).status_code == 200
    assert client.delete("/people/Ada", headers=bearer(prometheus)).status_code == 403
    assert client.get("/people", headers=bearer(prometheus)).status_code == 403
    assert client.get("/health").status_code == 200


def test_restoring_takes_the_role_and_the_switch(serve, keys_file, secret):
    key = add_key(keys_file, "restorer", ["restore"])
    picture = {"container": picture_bytes(3, (48, 48))}
    off, on = (serve(KeyedAccess(keys_file, restore=switch), multi=True) for switch in (False, True))
    assert off.post("/restore", files=picture, headers=bearer(key)).status_code == 403
    assert on.post("/restore", files=picture, headers=bearer(key)).status_code == 200


def test_a_removed_key_opens_nothing_any_more(serve, keys_file):
    add_key(keys_file, "other", ["hide"])
    key = add_key(keys_file, "door", ["recognise"])
    client = serve(KeyedAccess(keys_file))
    assert client.get("/people", headers=bearer(key)).status_code == 200
    remove_key(keys_file, "door")
    assert client.get("/people", headers=bearer(key)).status_code == 401


def test_a_file_of_keys_that_cannot_be_read_lets_nobody_in(serve, keys_file):
    key = add_key(keys_file, "door", ["recognise"])
    client = serve(KeyedAccess(keys_file))
    keys_file.write_text("{")
    assert client.get("/people", headers=bearer(key)).status_code == 503
    keys_file.unlink()
    assert client.get("/people", headers=bearer(key)).status_code == 503


def test_a_key_is_compared_in_constant_time_with_all_that_are_known(monkeypatch, keys_file):
    compared = []
    monkeypatch.setattr("hmac.compare_digest", lambda kept, given: compared.append(kept) or kept == given)
    first = add_key(keys_file, "first", ["hide"])
    add_key(keys_file, "second", ["hide"])
    assert find_key(read_keys(keys_file), first).name == "first"
    assert len(compared) == 2


def test_the_file_holds_hashes_and_is_its_owners_alone(keys_file):
    key = add_key(keys_file, "door", ["recognise"])
    assert key not in keys_file.read_text()
    assert keys_file.stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match="there is a key of the name 'door'"):
        add_key(keys_file, "door", ["hide"])
    with pytest.raises(ValueError, match="expected some of the roles"):
        add_key(keys_file, "window", ["see"])
    assert [kept.name for kept in read_keys(keys_file)] == ["door"]


def test_without_keys_the_service_stays_on_this_machine():
    assert not choose_access("127.0.0.1", None, restore=False).needs_key
    with pytest.raises(ValueError, match="expected access keys"):
        choose_access("0.0.0.0", None, restore=False)  # noqa: S104


def test_too_large_a_body_and_too_large_a_picture(serve, secret):
    client = serve(upload_bytes=20_000, pixels=5_000)
    large = client.post("/hide", files={"secret": secret, "cover": bytes(30_000)})
    assert large.status_code == 413
    wide = client.post("/embed", files={"container": picture_bytes(1, (60, 100))})
    assert (wide.status_code, "megapixels" in wide.text) == (422, True)


def test_a_form_that_does_not_say_its_size_and_is_too_large(serve):
    """Nothing else is wrong with it."""
    client = serve(upload_bytes=20_000)
    head = b'--x\r\nContent-Disposition: form-data; name="container"; filename="a.png"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for size, status in ((16_000, 422), (24_000, 413)):
        chunks = (head, *[bytes(8_000)] * (size // 8_000), b"\r\n--x--\r\n")
        answer = client.post("/embed", content=iter(chunks), headers=headers)
        assert answer.request.headers["Transfer-Encoding"] == "chunked"
        assert answer.status_code == status


def test_another_sites_page_changes_nothing_here(client):
    assert client.get("/people", headers={"Host": "evil.example"}).status_code == 403
    assert client.delete("/people/Ada", headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.delete("/people/Ada", headers={"Origin": "http://["}).status_code == 403
    assert client.delete("/people/Ada", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.delete("/people/Ada", headers={"Origin": "http://127.0.0.1"}).status_code == 404


@pytest.fixture
def leave(client):
    leave = threading.Event()
    yield leave
    leave.set()


def stick(client, leave):
    """Let the networks take until they may leave; return what says that they have begun."""
    entered = threading.Event()

    def stuck(pictures):
        entered.set()
        assert leave.wait(60)
        return torch.ones(len(pictures), 1)

    client.app.state.workshop._batcher._works["embed"] = Work(stuck, largest=1)
    return entered


def test_a_full_service_says_when_to_come_back(serve, leave, hidden):
    """While the networks are busy, one request waits, the next is sent away, and the service tells of itself."""
    client = serve(waiting=1, seconds=60)
    entered = stick(client, leave)
    with ThreadPoolExecutor(1) as elsewhere:
        asking = elsewhere.submit(client.post, "/embed", files={"container": hidden})
        assert entered.wait(30)
        refused = client.post("/embed", files={"container": hidden})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert client.get("/ready").status_code == 503
        assert "miais_requests_in_work 1.0" in client.get("/metrics").text
        assert client.get("/system").status_code == 200
        assert client.get("/health").status_code == 200
        leave.set()
        assert asking.result(30).status_code == 200
    assert client.get("/ready").status_code == 200


def test_an_answer_that_takes_too_long_is_given_up(serve, leave, hidden):
    client = serve(seconds=3)
    stick(client, leave)
    answer = client.post("/embed", files={"container": hidden})
    assert (answer.status_code, "longer than 3 s" in answer.text) == (504, True)


def test_an_audit_log_that_cannot_be_written_stops_answers(client, monkeypatch, hidden):
    def full(entry):
        raise OSError("no space left")

    monkeypatch.setattr(client.app.state.gate._audit, "write", full)
    answer = client.post("/embed", files={"container": hidden})
    assert answer.status_code == 503
    assert "embedding" not in answer.text
