"""Whatever is sent, the answer is a problem that says what to do, and nothing of it is left on the disk."""

import json
import os

import numpy as np
import pytest
from support.picture_bytes import exif, png, saved, with_segment
from support.pictures import picture_bytes

NOISE = np.random.default_rng(7).integers(0, 256, (48, 64, 3), dtype=np.uint8)
GREY = NOISE[..., 0]
DEEP = np.random.default_rng(8).integers(0, 65536, (48, 64, 3), dtype=np.uint16)
CLEAR = np.dstack([NOISE, GREY])


def animation():
    from PIL import Image

    frames = [Image.fromarray(np.roll(NOISE, shift, axis=1)) for shift in (0, 9)]
    return saved(NOISE, "WEBP", save_all=True, append_images=frames[1:], duration=100)


REFUSED = {
    "empty": (b"", "got an empty file"),
    "no picture": (b"Once upon a time", "expected a PNG, JPEG, WebP, BMP or TIFF picture"),
    "cut off": (picture_bytes(1, (48, 64))[:-400], "truncated"),
    "damaged": (picture_bytes(1, (48, 64)).replace(b"IDAT", b"IDAX"), "damaged"),
    "an animation": (animation(), "expected one frame, got 2"),
    "too many pixels": (saved(np.zeros((2100, 2100), np.uint8), "PNG"), "at most 4 megapixels"),
    "a bomb": (
        png(np.zeros((1, 1, 3), np.uint8), 8, 2).replace(b"\0\0\0\1\0\0\0\1", b"\0\0\xff\xff\0\0\xff\xff"),
        "damaged",
    ),
}
TAKEN = {
    "CMYK": saved(NOISE, "JPEG", mode="CMYK"),
    "16 bits": png(DEEP, 16, 2),
    "transparent": saved(CLEAR, "PNG"),
    "grey": saved(GREY, "PNG"),
    "turned": with_segment(saved(NOISE, "JPEG"), 0xE1, b"Exif\0\0" + exif(6)),
    "one pixel": saved(NOISE[:1, :1], "PNG"),
}


def problem(answer, status, part):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == status
    assert part in body["detail"]


@pytest.mark.parametrize("kind", REFUSED)
def test_a_picture_that_cannot_be_used(client, cover, kind):
    picture, part = REFUSED[kind]
    problem(client.post("/embed", files={"container": picture}), 422, part)
    problem(client.post("/hide", files={"secret": picture, "cover": cover}), 422, part)


@pytest.mark.parametrize("kind", TAKEN)
def test_a_picture_of_another_kind_is_a_secret_like_any(client, cover, kind):
    answer = client.post("/hide", files={"secret": TAKEN[kind], "cover": cover}, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    notes = answer.json()["notes"]
    assert any("transparent" in note for note in notes) == (kind == "transparent")


def test_forms_that_lack_a_field_or_have_another(client, cover, secret):
    problem(
        client.post("/hide", files={"cover": cover}),
        422,
        "secret: expected a picture in the form field secret, got none",
    )
    problem(client.post("/hide", files={"secret": secret}), 422, "expected either a cover or a cover_name, got neither")
    both = {"secret": secret, "cover": cover}
    problem(
        client.post("/hide", files=both, data={"cover_name": "cat"}),
        422,
        "expected either a cover or a cover_name, got both",
    )
    problem(client.post("/hide", files={"secret": secret}, data={"cover_name": "dog"}), 422, "expected one of coffee")
    problem(client.post("/hide", files=both, data={"cropface": "true"}), 422, "got cropface")
    problem(
        client.post("/hide", files=both, data={"crop_face": "maybe"}),
        422,
        "crop_face: expected true or false, got another",
    )
    problem(client.post("/verify", files={"a": secret}), 422, "b: expected a picture in the form field b, got none")
    problem(
        client.post("/identify", files={"container": cover}, data={"top": "0"}),
        422,
        "top: expected 1 or more, got less",
    )
    problem(client.post("/enroll", files={"containers": cover}), 422, "person: expected a name in the form field")
    problem(client.post("/enroll", files={"containers": cover}, data={"person": " "}), 422, "person: expected a name")
    problem(client.post("/enroll", files={"containers": cover}, data={"person": ".."}), 422, "person: expected a name")
    crowd = [("containers", cover)] * 17
    problem(
        client.post("/enroll", files=crowd, data={"person": "Ada"}),
        422,
        "containers: expected 16 of them or fewer, got more",
    )
    twice = [("container", cover), ("container", secret)]
    problem(client.post("/identify", files=twice), 422, "container: expected one value, got 2")
    problem(client.post("/identify", files={"container": cover}, data={"top": ["1", "2"]}), 422, "top: expected one")


def test_bodies_that_are_no_form(client):
    problem(client.post("/hide", json={"secret": "face"}), 415, "got application/json")
    problem(client.post("/hide"), 415, "got nothing")
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    problem(client.post("/hide", content=b"--y", headers=multipart), 400, "expected a multipart form")
    problem(client.post("/hide", content=b"", headers={"Content-Type": "multipart/form-data"}), 400, "boundary")
    long = b'--x\r\nContent-Disposition: form-data; name="person"\r\n\r\n' + b"a" * 70_000 + b"\r\n--x--\r\n"
    problem(client.post("/enroll", content=long, headers=multipart), 400, "maximum size")


def test_addresses_that_are_none(client):
    problem(client.get("/hidden"), 404, "expected an address that GET /openapi.json describes")
    problem(client.get("/hide"), 405, "expected POST, got GET")
    assert client.get("/hide").headers["Allow"] == "POST"
    problem(client.delete("/people/Nobody"), 404, "'Nobody'; GET /people shows who is enrolled")
    problem(client.delete("/people/%00"), 404, "GET /people")
    problem(client.delete("/people/" + "a" * 201), 422, "person:")


def test_a_failure_of_ours_is_a_problem_that_the_log_explains(client, monkeypatch, caplog):
    def broken():
        raise RuntimeError("shelf fell down")

    monkeypatch.setattr(client.app.state.workshop.gallery.gallery, "people", broken)
    answer = client.get("/people")
    problem(answer, 500, "X-Request-ID")
    assert "shelf" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    (record,) = [record for record in caplog.records if record.message == "failed"]
    assert record.request == answer.headers["X-Request-ID"]
    assert "shelf fell down" in str(record.exc_info[1])


def test_nothing_that_is_sent_is_written_anywhere(serve, monkeypatch, tmp_path, cover, audit_file):
    """Starlette moves uploads above 1 MB to a file unless told otherwise."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    opened, open_file = [], os.open

    def watched(path, flags, *rest, **options):
        if flags & (os.O_WRONLY | os.O_RDWR):
            opened.append(path)
        return open_file(path, flags, *rest, **options)

    client = serve()
    monkeypatch.setattr(os, "open", watched)
    secret = picture_bytes(1, (700, 700))
    assert len(secret) > 2**20
    assert client.post("/hide", files={"secret": secret, "cover": cover}).status_code == 200
    assert client.post("/embed", files={"container": secret[:-9]}).status_code == 422
    assert not opened
    assert list(tmp_path.iterdir()) == [audit_file]
    assert [json.loads(line)["status"] for line in audit_file.read_text().splitlines()] == [200, 422]
