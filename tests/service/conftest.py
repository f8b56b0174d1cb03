"""A service over a tiny system and an empty gallery, and pictures to send."""

import pytest
from fastapi.testclient import TestClient
from support.gallery_in_memory import GalleryInMemory
from support.pictures import picture_bytes
from support.systems import tiny_system

from miais.identification import maker_of
from miais.service.access import OpenAccess
from miais.service.app import create_app
from miais.service.audit import AuditLog
from miais.service.settings import Bounds
from miais.system import load


@pytest.fixture(scope="session")
def systems(tmp_path_factory):
    folder = tmp_path_factory.mktemp("systems")
    return {multi: load(tiny_system(folder / str(multi), multi)) for multi in (False, True)}


@pytest.fixture
def audit_file(tmp_path):
    return tmp_path / "audit.jsonl"


@pytest.fixture
def serve(systems, audit_file):
    """Start a service: serve(access=..., bounds=..., multi=...) -> client."""
    clients = []

    def start(access=None, multi=False, hosts=("testserver",), **bounds):
        system = systems[multi]
        app = create_app(
            system,
            GalleryInMemory(maker_of(system)),
            access or OpenAccess(),
            bounds=Bounds(**{"rate": "100000/minute", **bounds}),
            audit=AuditLog(audit_file),
            hosts=hosts,
        )
        client = TestClient(app, raise_server_exceptions=False)
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
