"""Galleries of every kind, and where they are kept."""

import pytest
from support.galleries import MAKER

from miais.gallery.exact import ExactGallery
from miais.gallery.open import open_gallery


@pytest.fixture
def folder(tmp_path):
    """Where LanceDB keeps a gallery."""
    pytest.importorskip("lancedb")
    return tmp_path / "gallery"


@pytest.fixture
def lite(tmp_path):
    """Where Milvus Lite keeps a gallery; its server runs in this process and ends with the test."""
    manager = pytest.importorskip("milvus_lite.server_manager").server_manager_instance
    yield str(tmp_path / "gallery.db")
    manager.release_server(str(tmp_path / "gallery.db"))


@pytest.fixture(params=["exact", "lance", "milvus"])
def gallery(request):
    if request.param == "exact":
        made = ExactGallery(MAKER)
    else:
        where = request.getfixturevalue({"lance": "folder", "milvus": "lite"}[request.param])
        made = open_gallery(str(where), MAKER, create=True)
    yield made
    made.close()
