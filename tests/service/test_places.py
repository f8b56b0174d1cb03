"""A place is taken until nobody works for its request any more, and who is sent away is told for how long."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from miais.service.batching import Work
from miais.service.gauges import Gauges
from miais.service.places import Places
from miais.service.problems import Problem


class Stuck:
    """Stands in for work, and takes until it is let go."""

    def __init__(self):
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self, *arguments, **_):
        self.begun.set()
        assert self.let_go.wait(60)
        raise ValueError("no more work")


@pytest.fixture
def stuck():
    work = Stuck()
    yield work
    work.let_go.set()


def wait_until(condition):
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not come to that within 60 s")


def test_the_time_to_come_back_follows_what_requests_take(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("miais.service.places.time.monotonic", lambda: now[0])
    places = Places(1, Gauges())

    def told():
        with pytest.raises(Problem) as refusal:
            places.take()
        return int(refusal.value.headers["Retry-After"])

    first = places.take()
    assert told() == 1
    now[0] += 100
    first.let_go()
    second = places.take()
    assert told() == 11  # a tenth of the way from 1 s to 100 s
    now[0] += 0
    second.let_go()
    places.take()
    assert told() == 10


def test_a_place_is_free_once_its_last_holder_has_let_go():
    places = Places(1, Gauges())
    place = places.take()
    place.hold()
    place.let_go()
    assert places.full
    place.let_go()
    assert not places.full


def in_networks(client, stuck, monkeypatch):
    monkeypatch.setitem(client.app.state.workshop._batcher._works, "hide", Work(stuck, 1))


def in_faces(client, stuck, monkeypatch):
    monkeypatch.setattr("miais.service.workshop.frame_face", stuck)


@pytest.mark.parametrize("work", [in_networks, in_faces])
def test_a_request_that_has_run_out_of_time_keeps_its_place_while_a_thread_works_for_it(
    serve, stuck, monkeypatch, secret, cover, work
):
    client = serve(waiting=1, seconds=3)
    work(client, stuck, monkeypatch)
    pictures = {"secret": secret, "cover": cover}
    answer = client.post("/hide", files=pictures, data={"crop_face": str(work is in_faces)})
    assert stuck.begun.is_set()
    assert answer.status_code == 504
    assert client.get("/people").status_code == 503
    assert "miais_requests_in_work 1.0" in client.get("/metrics").text
    stuck.let_go.set()
    wait_until(lambda: client.get("/people").status_code == 200)


def test_what_brings_no_pictures_takes_a_place_too(serve, stuck, monkeypatch):
    """A thousand requests to forget would else wait in memory, each for its thread."""
    client = serve(waiting=1)
    monkeypatch.setattr(client.app.state.workshop.gallery.gallery, "forget", stuck)
    with ThreadPoolExecutor(1) as elsewhere:
        asking = elsewhere.submit(client.delete, "/people/Ada")
        assert stuck.begun.wait(30)
        assert client.delete("/people/Bob").status_code == 503
        assert client.get("/people").status_code == 503
        stuck.let_go.set()
        asking.result(30)


def test_pictures_are_read_while_all_threads_of_the_gallery_are_busy(serve, stuck, monkeypatch, hidden):
    client = serve()
    monkeypatch.setattr(client.app.state.workshop.gallery.gallery, "people", stuck)
    with ThreadPoolExecutor(8) as elsewhere:
        asking = [elsewhere.submit(client.get, "/people") for _ in range(8)]
        assert stuck.begun.wait(30)
        assert client.post("/embed", files={"container": hidden}).status_code == 200
        stuck.let_go.set()
        assert {each.result(30).status_code for each in asking} == {500}
