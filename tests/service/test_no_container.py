"""A picture in which nothing is hidden is refused by the name of its field."""

from dataclasses import replace

import pytest
import torch
from support.lattice_networks import SIDE, lattice_networks
from support.pictures import picture_bytes
from support.systems import CALIBRATION, tiny_card

from miais.image import decode_image
from miais.service.access import OpenAccess
from miais.system import StegoSystem

PLAIN = picture_bytes(5, (64, 80))
FIELDS = {
    "container": [("/embed", ["container"]), ("/identify", ["container"]), ("/restore", ["container"])],
    "b": [("/verify", ["a", "b"])],
    "containers[1]": [("/enroll", ["containers", "containers"])],
}
ASKED = [(path, fields, named) for named, verbs in FIELDS.items() for path, fields in verbs]


@pytest.fixture(scope="module")
def lattice():
    specs = lattice_networks(multi=True)
    networks = {role: getattr(specs, role) for role in ("generator", "classifier", "secret_classifier", "restorer")}
    card = replace(tiny_card(multi=True), image_size=SIDE, networks=networks, psnr_db=None, calibration=CALIBRATION)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return StegoSystem.build(card)


@pytest.fixture
def client(serve, systems, lattice, monkeypatch):
    monkeypatch.setitem(systems, True, lattice)
    return serve(OpenAccess(restore=True), multi=True)


def ask(client, path, fields, last, container):
    """Send a container in each field but the last."""
    pictures = [*((field, container) for field in fields[:-1]), (fields[-1], last)]
    return client.post(path, files=pictures, data={"person": "Ada"} if path == "/enroll" else {})


@pytest.mark.parametrize(("path", "fields", "named"), ASKED)
def test_a_plain_picture(client, hidden, path, fields, named):
    answer = ask(client, path, fields, PLAIN, hidden)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"{named}: expected a container that tiny-multi can read")
    assert ask(client, path, fields, hidden, hidden).status_code in (200, 201)


@pytest.mark.parametrize(("path", "fields", "named"), ASKED)
def test_a_picture_of_one_pixel(client, hidden, path, fields, named):
    """It was called a cover, and a larger one was asked for."""
    answer = ask(client, path, fields, picture_bytes(5, (1, 1)), hidden)
    assert answer.status_code == 422
    assert answer.json()["detail"] == (
        f"{named}: expected a container, got a picture of 1x1 pixels, too small to hide anything in"
    )


def test_a_small_cover_is_still_a_cover(client, secret):
    answer = client.post("/hide", files={"secret": secret, "cover": picture_bytes(5, (1, 1))})
    assert (answer.status_code, "use a larger cover" in answer.text) == (422, True)


def test_what_is_restored_is_what_the_system_restores(client, hidden, lattice):
    answer = client.post("/restore", files={"container": hidden})
    expected = lattice.restore(decode_image(hidden, "container"))
    assert decode_image(answer.content, "restored") == pytest.approx(expected, abs=0.51 / 255)


def test_a_system_that_does_not_restore_says_so(serve, hidden):
    answer = serve(OpenAccess(restore=True)).post("/restore", files={"container": hidden})
    assert (answer.status_code, "tiny recognises only" in answer.text) == (422, True)
