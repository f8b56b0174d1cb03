"""A service over a tiny system and an empty gallery, and pictures to send."""

from dataclasses import replace

import pytest
import torch
from fastapi.testclient import TestClient
from service_load import served
from support.pictures import picture_bytes
from support.systems import tiny_card, tiny_system

from miais.gallery.exact import ExactGallery
from miais.identification import maker_of
from miais.metrics.match_calibration import MatchCalibration
from miais.service.access import OpenAccess
from miais.service.app import create_app
from miais.service.audit import AuditLog
from miais.service.bounds import Bounds
from miais.system import StegoSystem, load

# Untrained networks say nothing of people, so any line will do.
CALIBRATION = MatchCalibration(-8.0, 6.0, (0.5, 1.0, 2.0), (0.01, 0.2, 1.0), 0.1, genuine=100, impostors=1000)


@pytest.fixture(scope="session")
def systems(tmp_path_factory):
    folder = tmp_path_factory.mktemp("systems")
    loaded = {multi: load(tiny_system(folder / str(multi), multi)) for multi in (False, True)}
    for system in loaded.values():
        system.card = replace(system.card, calibration=CALIBRATION)
    return loaded


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """A calibrated system, for a process of its own."""
    folder = tmp_path_factory.mktemp("systems") / "calibrated"
    with torch.random.fork_rng():
        torch.manual_seed(1)
        StegoSystem.build(replace(tiny_card(multi=True), calibration=CALIBRATION)).save(folder)
    return folder


@pytest.fixture(scope="session")
def service(tiny_folder, tmp_path_factory):
    """A service in a process of its own, for all tests that want one alive."""
    folder = tmp_path_factory.mktemp("service")
    with served(folder, str(tiny_folder), "--allow-restore", "--rate", "100000/minute", "--timeout", "8") as running:
        yield running


@pytest.fixture
def audit_file(tmp_path):
    return tmp_path / "audit.jsonl"


@pytest.fixture
def serve(systems, audit_file):
    """Start a service: serve(access=..., bounds=..., multi=...) -> client."""
    clients = []

    def start(access=None, multi=False, **bounds):
        system = systems[multi]
        app = create_app(
            system,
            ExactGallery(maker_of(system)),
            access or OpenAccess(),
            bounds=Bounds(**{"rate": "100000/minute", **bounds}),
            audit=AuditLog(audit_file),
        )
        client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
        client.__enter__()
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serve):
    return serve()


@pytest.fixture(scope="session")
def secret():
    return picture_bytes(1, (40, 36))


@pytest.fixture(scope="session")
def cover():
    return picture_bytes(2, (64, 80))


@pytest.fixture
def hidden(client, secret, cover):
    """A container, as PNG."""
    return client.post("/hide", files={"secret": secret, "cover": cover}).content
