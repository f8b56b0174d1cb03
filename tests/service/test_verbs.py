"""Each verb answers, with the same numbers as the library, and says what is wrong with what it gets."""

import base64
import json
from typing import get_args
from urllib.parse import quote

import pytest
import torch
from support.photographs import photograph, side_by_side

from miais.framing import CascadeFinder, frame_face
from miais.image import decode_image, encode_png, resize, to_uint8
from miais.metrics.fidelity import psnr
from miais.service.access import OpenAccess
from miais.service.callers import Role


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
    assert (answer.status_code, answer.json()) == (201, {"person": "Ada", "added": 1})  # one container, sent twice
    (person,) = client.get("/people").json()
    assert (person["person"], person["containers"]) == ("Ada", 1)
    again = client.post("/enroll", files={"containers": hidden}, data={"person": "Ada"})
    assert (again.status_code, again.json()["added"]) == (201, 0)
    found = client.post("/identify", files={"container": hidden}).json()
    assert found["candidates"][0]["person"] == "Ada"
    assert found["candidates"][0]["distance"] == pytest.approx(0, abs=1e-3)
    assert client.delete("/people/Ada").json() == {"person": "Ada", "removed": 1}
    assert client.delete("/people/Ada").status_code == 404


def test_a_name_may_be_anything_that_is_printable(client, hidden):
    for name in ("Ada/Lovelace", "Žofie?", "/", "." * 3):
        assert client.post("/enroll", files={"containers": hidden}, data={"person": name}).status_code == 201
        assert client.delete(f"/people/{quote(name, safe='')}").json() == {"person": name, "removed": 1}


def test_people_are_listed_in_parts(client, hidden):
    for name in ("Cleo", "Ada", "Bob"):
        client.post("/enroll", files={"containers": hidden}, data={"person": name})
    parts = [client.get("/people", params={"start": start, "limit": 2}).json() for start in (0, 2, 4)]
    assert [[each["person"] for each in part] for part in parts] == [["Ada", "Bob"], ["Cleo"], []]
    assert client.get("/system").json()["people"] == 3


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


def test_the_largest_face_is_found_and_hidden(client, systems, cover):
    astronaut = photograph("astronaut", 300)
    picture = encode_png(side_by_side(photograph("astronaut", 400), astronaut))
    form = {"files": {"secret": picture, "cover": cover}, "data": {"crop_face": "true"}}
    answer = client.post("/hide", **form)
    assert answer.headers["Miais-Faces"] == "2"
    left, top, width, height = map(int, answer.headers["Miais-Face"].split(","))
    assert (left + width / 2, top + height / 2) == pytest.approx((176, 92), abs=15)
    framed = frame_face(decode_image(picture, "secret"), CascadeFinder())
    expected = systems[False].hide(resize(framed.image, (32, 32)), decode_image(cover, "cover"))
    assert torch.equal(to_uint8(decode_image(answer.content, "container")), to_uint8(expected))
    in_full = client.post("/hide", **form, headers={"Accept": "application/json"}).json()
    assert in_full["face"] == {"left": left, "top": top, "width": width, "height": height, "faces": 2}


def test_a_picture_without_a_face_is_a_problem(client, secret, cover):
    answer = client.post("/hide", files={"secret": secret, "cover": cover}, data={"crop_face": "true"})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("secret: no face found")


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
        ("enrol", ["Ada"], "begun"),
        ("enrol", ["Ada"], 201),
        ("identify", ["Ada"], 200),
        ("identify", [], 422),
    ]
    assert {entry["caller"] for entry in entries} == {"local"}
    assert len({entry["request"] for entry in entries}) == 4
    assert audit_file.stat().st_mode & 0o077 == 0


def test_the_audit_log_is_only_ever_appended_to(serve, hidden, audit_file):
    before = audit_file.read_bytes()
    assert before
    serve().post("/embed", files={"container": hidden})
    assert audit_file.read_bytes().startswith(before)
    assert len(audit_file.read_bytes()) > len(before)


def test_openapi_describes_every_verb_with_its_role_and_examples(client):
    description = client.get("/openapi.json").json()
    operations = {
        (path, method): operation for path, verbs in description["paths"].items() for method, operation in verbs.items()
    }
    assert {path for path, _ in operations} == {
        *("/hide", "/restore", "/embed", "/verify", "/enroll", "/identify", "/people/{person}", "/people"),
        *("/system", "/health", "/ready", "/covers", "/metrics"),
    }
    for (path, _), operation in operations.items():
        assert operation["description"], path
        assert path in ("/health", "/ready") or set(operation["x-roles"]) <= set(get_args(Role))
        parameters = operation.get("parameters", [])
        assert all("examples" in parameter["schema"] or "example" in parameter for parameter in parameters), path
        problems = [answer for status, answer in operation["responses"].items() if status >= "400"]
        assert all(list(answer["content"]) == ["application/problem+json"] for answer in problems), path
    for name, schema in description["components"]["schemas"].items():
        for field, terms in schema["properties"].items():
            file_or_answer = "contentMediaType" in str(terms) or "$ref" in str(terms)
            assert file_or_answer or terms.get("examples"), (name, field)
