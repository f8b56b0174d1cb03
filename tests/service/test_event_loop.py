"""No work is done on the event loop: whatever else takes its time, the service says that it is alive."""

import threading

import pytest

from miais.service.access import OpenAccess
from miais.service.batching import Work


class Slow:
    """Stands in for work, and takes until it is let go."""

    def __init__(self):
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self, *_, **__):
        self.begun.set()
        assert self.let_go.wait(30)
        raise ValueError("no more work")


@pytest.fixture
def slow():
    work = Slow()
    yield work
    work.let_go.set()


def networks(client, slow, monkeypatch):
    monkeypatch.setitem(client.app.state.workshop._batcher._works, "embed", Work(slow, 1))


def hiding(client, slow, monkeypatch):
    monkeypatch.setattr("miais.service.workshop.hide_measured", slow)


def reading(client, slow, monkeypatch):
    monkeypatch.setattr("miais.service.workshop.read_upload", slow)


def faces(client, slow, monkeypatch):
    monkeypatch.setattr("miais.service.workshop.frame_face", slow)


def looking_up(client, slow, monkeypatch):
    monkeypatch.setattr(client.app.state.workshop.gallery.gallery, "search", slow)


def measuring(client, slow, monkeypatch):
    monkeypatch.setattr("miais.service.routes.hiding.examine", slow)


def auditing(client, slow, monkeypatch):
    monkeypatch.setattr(client.app.state.gate._audit, "write", slow)


@pytest.mark.parametrize("work", [networks, hiding, reading, faces, looking_up, measuring, auditing])
def test_the_service_answers_while_work_is_slow(serve, slow, monkeypatch, secret, cover, hidden, work):
    client = serve(OpenAccess(restore=True))
    work(client, slow, monkeypatch)
    path, form = {
        networks: ("/embed", {"files": {"container": hidden}}),
        reading: ("/embed", {"files": {"container": hidden}}),
        looking_up: ("/identify", {"files": {"container": hidden}}),
    }.get(work, ("/hide", {"files": {"secret": secret, "cover": cover}, "data": {"crop_face": str(work is faces)}}))
    answers = []
    asking = threading.Thread(target=lambda: answers.append(client.post(path, **form)))
    asking.start()
    assert slow.begun.wait(30)
    assert client.get("/health").status_code == 200
    assert not answers
    slow.let_go.set()
    asking.join(30)
    assert answers
