"""What a gallery does to the service while its database is away, or slow to change."""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from miais.gallery.exact import ExactGallery
from miais.identification import maker_of
from miais.service.logs import log_to_stderr


class Away(ExactGallery):
    """Stands in for a gallery whose database does not answer; the text is what Milvus says."""

    def _ask(self, *_, **__):
        raise ConnectionError('http://milvus:19530: Milvus refused or is away (person in ["Ada Lovelace"])')

    search = people = enrol = forget = __len__ = _ask


@pytest.fixture
def away(client, hidden, monkeypatch):
    monkeypatch.setattr(client.app.state.workshop.gallery, "gallery", Away(maker_of(client.app.state.workshop.system)))
    return client


def test_a_gallery_that_is_away_is_said_to_be_and_nobodys_name_is_logged(away, hidden, caplog):
    answers = [
        away.post("/identify", files={"container": hidden}),
        away.post("/enroll", files={"containers": hidden}, data={"person": "Ada Lovelace"}),
        away.get("/people"),
        away.delete("/people/Ada Lovelace"),
        away.get("/system"),
        away.get("/ready"),
    ]
    for answer in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json"), answer.url
        assert int(answer.headers["Retry-After"]) >= 1
        assert "the gallery cannot be reached" in answer.json()["detail"]
        assert "Ada" not in answer.text
    assert "the gallery cannot be reached: ConnectionError" in caplog.messages
    assert "Ada" not in caplog.text
    assert "see GET /people for whether the change was made" in answers[3].json()["detail"]


def test_what_needs_no_gallery_goes_on_without(away, hidden):
    assert away.post("/embed", files={"container": hidden}).status_code == 200
    assert "miais_people NaN" in away.get("/metrics").text


def test_who_asks_whether_it_is_ready_does_not_wait_for_ever(client, monkeypatch):
    finish = threading.Event()
    monkeypatch.setattr("miais.service.gallery_desk._PATIENCE", 0.1)
    monkeypatch.setattr(type(client.app.state.workshop.gallery.gallery), "__len__", lambda _: finish.wait(60) and 0)
    try:
        assert client.get("/ready").status_code == 503
        assert "miais_people NaN" in client.get("/metrics").text
    finally:
        finish.set()


def test_many_who_ask_whether_it_is_ready_ask_the_gallery_once(client, monkeypatch):
    desk, asked = client.app.state.workshop.gallery, []
    monkeypatch.setattr(type(desk.gallery), "__len__", lambda _: len(asked.append(1) or asked))
    monkeypatch.setattr("miais.service.gallery_desk._FRESH", 3600)
    assert [client.get("/ready").status_code for _ in range(5)] == [200] * 5
    assert len(asked) == 1
    monkeypatch.setattr("miais.service.gallery_desk._FRESH", 0)
    client.get("/ready")
    assert len(asked) == 2


def test_milvus_says_nothing_in_our_log():
    """Its client logs what it asked, and so names of people."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        log_to_stderr()
        assert not logging.getLogger("pymilvus.decorators").isEnabledFor(logging.ERROR)
    finally:
        root.handlers[:], _ = handlers, root.setLevel(level)


@pytest.mark.parametrize("verb", ["enrol", "forget"])
def test_a_change_that_has_begun_is_waited_for(serve, hidden, monkeypatch, audit_file, verb):
    """The answer was 504, and the audit log said so too, though the change was made a moment later."""
    client = serve(seconds=3)
    client.post("/enroll", files={"containers": hidden}, data={"person": "Ada"})
    gallery = client.app.state.workshop.gallery.gallery
    begun, finish, change = threading.Event(), threading.Event(), getattr(gallery, verb)

    def slow(*arguments):
        begun.set()
        assert finish.wait(60)
        return change(*arguments)

    monkeypatch.setattr(gallery, verb, slow)
    with ThreadPoolExecutor(1) as elsewhere:
        if verb == "enrol":
            asking = elsewhere.submit(client.post, "/enroll", files={"containers": hidden}, data={"person": "Bob"})
        else:
            asking = elsewhere.submit(client.delete, "/people/Ada")
        assert begun.wait(60)
        with pytest.raises(TimeoutError):
            asking.result(4)  # more than an answer has
        finish.set()
        assert asking.result(60).status_code in (200, 201)
    last = json.loads(audit_file.read_text().splitlines()[-1])
    assert (last["verb"], last["status"]) == (verb, asking.result().status_code)
