"""Which database a gallery's place names."""

import importlib.util

import pytest
from support.galleries import MAKER

from miais.gallery.open import open_gallery


@pytest.mark.parametrize(
    ("uri", "missing", "command"),
    [
        ("people", "lancedb", "pip install 'miais[gallery]'"),
        ("http://host:19530", "pymilvus", "pip install 'miais[milvus]'"),
        ("people.db", "pymilvus", "pip install 'miais[milvus]'"),
        ("people.db", "milvus_lite", "pip install milvus-lite"),
    ],
)
def test_a_missing_database_says_how_to_get_it(monkeypatch, tmp_path, uri, missing, command):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    monkeypatch.chdir(tmp_path)
    if missing == "milvus_lite":
        pytest.importorskip("pymilvus")
    with pytest.raises(ModuleNotFoundError) as error:
        open_gallery(uri, MAKER, create=True)
    assert command in str(error.value)


def test_other_places_are_refused():
    with pytest.raises(ValueError, match="expected a folder, http"):
        open_gallery("s3://bucket/people", MAKER, create=True)


def test_a_servers_token_reaches_it(monkeypatch):
    pytest.importorskip("pymilvus")
    asked = []

    class Client:
        def __init__(self, uri, token):
            asked.append((uri, token))

        def has_collection(self, name):
            return False

    monkeypatch.setattr("miais.gallery.milvus.MilvusClient", Client)
    with pytest.raises(FileNotFoundError, match="no gallery"):
        open_gallery("https://host/faces", MAKER, token="root:word")  # noqa: S106
    with pytest.raises(FileNotFoundError, match="no gallery"):
        open_gallery("https://host/faces", MAKER)
    assert asked == [("https://host/faces", "root:word"), ("https://host/faces", "")]
