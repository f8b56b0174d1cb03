"""The service as a process of its own: its address, its log, its clients, and its end."""

import json
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest
from service_load import served
from support.pictures import picture_bytes

FORM = (
    b'--x\r\nContent-Disposition: form-data; name="container"; filename="face-of-ada.png"\r\n\r\n'
    + picture_bytes(2, (64, 80))
    + b"\r\n--x--\r\n"
)


def begun_upload(service):
    """Connect and send the first half of a form."""
    address = urlsplit(service.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=30)
    head = "POST /embed HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    connection.sendall(f"{head}Content-Length: {len(FORM)}\r\n\r\n".encode() + FORM[: len(FORM) // 2])
    return connection


def answer_on(connection):
    """Return status and body."""
    with connection, connection.makefile("rb") as answer:
        status = int(answer.readline().split()[1])
        length = 0
        while (line := answer.readline().strip().lower()) != b"":
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return status, answer.read(length)


def wait_until(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not come to that within 30 s")


def in_work(service):
    lines = httpx.get(f"{service.url}/metrics").text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("miais_requests_in_work ")))


def refuses(service):
    address = urlsplit(service.url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_it_stays_on_this_machine(service):
    assert urlsplit(service.url).hostname == "127.0.0.1"
    assert httpx.get(f"{service.url}/health").json() == {"state": "ok"}


def test_a_body_that_is_too_large_is_refused_though_its_sender_goes_on(service):
    """The answer would be lost if the connection were closed while the client still sends."""
    head, tail = FORM[: FORM.index(b"\r\n\r\n") + 4], b"\r\n--x--\r\n"
    for body in (head + bytes(40 * 2**20) + tail, iter([head, *[bytes(2**20)] * 40, tail])):
        answer = httpx.post(
            f"{service.url}/embed",
            content=body,
            headers={"Content-Type": "multipart/form-data; boundary=x"},
            timeout=60,
        )
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_client_that_does_not_go_on_is_told_so(service):
    began = time.monotonic()
    status, body = answer_on(begun_upload(service))
    assert (status, b"expected the pictures within 4 s" in body) == (408, True)
    assert time.monotonic() - began >= 4


def test_told_to_end_it_answers_what_it_has_taken_and_nothing_else(tiny_folder, tmp_path):
    """The log of the whole life of a service is looked at here too."""
    with served(tmp_path, str(tiny_folder)) as service:
        httpx.delete(f"{service.url}/people/Ada")
        connection = begun_upload(service)
        wait_until(lambda: in_work(service) == 1)
        service.process.terminate()
        wait_until(lambda: refuses(service))
        connection.sendall(FORM[len(FORM) // 2 :])
        status, body = answer_on(connection)
        assert (status, len(json.loads(body)["embedding"])) == (200, 32)
        assert service.process.wait(30) == 0
    entries = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(entry["verb"], entry["about"], entry["status"]) for entry in entries] == [
        ("forget", ["Ada"], "begun"),
        ("forget", ["Ada"], 404),
        ("embed", [], 200),
    ]
    text = (tmp_path / "service.log").read_text()
    events = [json.loads(line) for line in text.splitlines()]
    answered = [(event["verb"], event["status"], event["caller"]) for event in events if event["event"] == "answered"]
    assert {("forget", 404, "local"), ("embed", 200, "local")} < set(answered)
    assert {event["level"] for event in events} == {"info"}
    assert "ada" not in text.lower()
    assert max(map(len, text.splitlines())) < 500
