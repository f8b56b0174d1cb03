"""Each verb answers, with the same numbers as the library, and says what is wrong with what it gets."""

import base64
import json

import pytest
import torch

from miais.image import decode_image, resize, to_uint8
from miais.metrics.fidelity import psnr
from miais.service.access import OpenAccess


def test_hide_gives_the_container_of_the_library(client, systems, secret, cover):
    answer = client.post("/hide", files={"secret": secret, "cover": cover})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    system, picture = systems[False], decode_image(cover, "cover")
    small = resize(decode_image(secret, "secret"), (32, 32))
    expected = system.hide(small.clamp(0, 1), picture)
    container = decode_image(answer.content, "container")
    assert torch.equal(to_uint8(container), to_uint8(expected))
    assert float(answer.headers["Miais-PSNR-dB"]) == pytest.approx(psnr(expected[None], picture[None]).item(), abs=1e-3)
    assert "Miais-StegExpose" in answer.headers


def test_hide_in_json_has_the_change_around_grey(client, secret, cover):
    answer = client.post("/hide", files={"secret": secret, "cover": cover}, headers={"Accept": "application/json"})
    content = answer.json()
    container, change = (decode_image(base64.b64decode(content[name]), name) for name in ("container", "change"))
    difference = to_uint8(container).int() - to_uint8(decode_image(cover, "cover")).int()
    assert torch.equal(to_uint8(change).int() - 128, difference)
    assert (content["width"], content["height"]) == (80, 64)
    assert content["face"] is None
    assert 0 < content["ms_ssim"] <= 1


def test_hide_in_a_cover_of_ours(client, secret):
    (first, *_) = client.get("/covers").json()
    answer = client.post("/hide", files={"secret": secret}, data={"cover_name": first["name"]})
    assert decode_image(answer.content, "container").shape == (3, first["height"], first["width"])


def test_enrol_identify_list_and_forget(client, hidden):
    assert client.get("/people").json() == []
    assert client.post("/identify", files={"container": hidden}).json()["person"] is None
    answer = client.post("/enroll", files=[("containers", hidden), ("containers", hidden)], data={"person": " Ada "})
    assert (answer.status_code, answer.json()) == (201, {"person": "Ada", "added": 2})
    (person,) = client.get("/people").json()
    assert (person["person"], person["containers"]) == ("Ada", 2)
    found = client.post("/identify", files={"container": hidden}).json()
    assert found["candidates"][0]["person"] == "Ada"
    assert found["candidates"][0]["distance"] == pytest.approx(0, abs=1e-3)
    assert client.delete("/people/Ada").json() == {"person": "Ada", "removed": 2}
    assert client.delete("/people/Ada").status_code == 404


def test_embed_and_verify(client, hidden, systems):
    embedding = client.post("/embed", files={"container": hidden}).json()["embedding"]
    expected = systems[False].embed(decode_image(hidden, "container"))[0]
    assert torch.tensor(embedding) == pytest.approx(expected, abs=1e-5)
    answer = client.post("/verify", files={"a": hidden, "b": hidden}).json()
    assert answer["same"] is True
    assert answer["threshold"] == 1.0
    wrong = client.post("/verify", files={"a": hidden, "b": hidden}, data={"false_accept_rate": "0.5"})
    assert wrong.status_code == 422


def test_restore_is_off_unless_allowed(serve, hidden):
    assert serve(multi=True).post("/restore", files={"container": hidden}).status_code == 403
    answer = serve(OpenAccess(restore=True), multi=True).post("/restore", files={"container": hidden})
    assert decode_image(answer.content, "restored").shape == (3, 32, 32)


@pytest.mark.parametrize(
    ("content", "part"), [(b"", "empty"), (b"GIF89a", "PNG, JPEG"), (b"\x89PNG\r\n\x1a\n", "truncated")]
)
def test_a_bad_picture_is_a_problem_that_names_the_field(client, cover, content, part):
    answer = client.post("/hide", files={"secret": ("private-name.png", content), "cover": cover})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("secret")
    assert part in answer.text
    assert "private-name" not in answer.text


def test_a_picture_without_a_face_is_a_problem(client, secret, cover):
    answer = client.post("/hide", files={"secret": secret, "cover": cover}, data={"crop_face": "true"})
    assert answer.status_code == 422


def test_system_and_metrics(client, hidden):
    assert client.get("/system").json()["roles"] == ["admin", "hide", "recognise"]
    text = client.get("/metrics").text
    assert 'miais_requests_total{status="200",verb="hide"} 1.0' in text
    assert "process_resident_memory_bytes" in text
    assert client.get("/health").json() == {"state": "ok"}
    assert client.get("/ready").json() == {"state": "ready"}


def test_the_audit_log_says_who_asked_what_about_whom(client, hidden, audit_file):
    client.post("/enroll", files={"containers": hidden}, data={"person": "Ada"})
    client.post("/identify", files={"container": hidden})
    client.post("/identify", files={"container": b"broken"})
    entries = [json.loads(line) for line in audit_file.read_text().splitlines()]
    assert [(entry["verb"], entry["about"], entry["status"]) for entry in entries] == [
        ("hide", [], 200),
        ("enrol", ["Ada"], 201),
        ("identify", ["Ada"], 200),
        ("identify", [], 422),
    ]
    assert {entry["caller"] for entry in entries} == {"local"}
    assert audit_file.stat().st_mode & 0o077 == 0


def test_openapi_describes_every_verb_with_its_role_and_examples(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        *("/hide", "/restore", "/embed", "/verify", "/enroll", "/identify", "/people/{person}", "/people"),
        *("/system", "/health", "/ready", "/covers", "/metrics"),
    }
    for path, verbs in paths.items():
        for operation in verbs.values():
            assert operation["description"], path
            assert path in ("/health", "/ready") or operation["x-role"] in (
                "any",
                "hide",
                "recognise",
                "restore",
                "admin",
            )
