import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from miais.framing.fetch_model import fetch_model

FILE = b"a network's file"
HASH = hashlib.sha256(FILE).hexdigest()


@pytest.fixture
def server():
    """A server on this machine: its address, and the paths that were asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            found = self.path == "/yunet.onnx"
            self.send_response(200 if found else 404)
            self.end_headers()
            if found:
                self.wfile.write(FILE)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", asked
        running.shutdown()
        thread.join()


def test_file_is_fetched_once(server, tmp_path):
    address, asked = server
    for _ in range(2):
        path = fetch_model(f"{address}/yunet.onnx", HASH.upper(), tmp_path / "models")
        assert path.read_bytes() == FILE
    assert asked == ["/yunet.onnx"]
    assert list((tmp_path / "models").iterdir()) == [path]


def test_damaged_copy_is_fetched_again(server, tmp_path):
    address, _ = server
    path = fetch_model(f"{address}/yunet.onnx", HASH, tmp_path)
    path.write_bytes(b"damaged")
    assert fetch_model(f"{address}/yunet.onnx", HASH, tmp_path).read_bytes() == FILE


def test_other_hash_keeps_nothing(server, tmp_path):
    address, _ = server
    with pytest.raises(ValueError, match="nothing was kept"):
        fetch_model(f"{address}/yunet.onnx", 64 * "0", tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_too_large_file_keeps_nothing(server, tmp_path, monkeypatch):
    address, _ = server
    monkeypatch.setattr("miais.framing.fetch_model._MOST_BYTES", len(FILE) - 1)
    with pytest.raises(ValueError, match="nothing was kept"):
        fetch_model(f"{address}/yunet.onnx", HASH, tmp_path / "models")
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("path", ["/missing.onnx", None])
def test_what_cannot_be_fetched_says_what_to_do(server, tmp_path, path):
    address, _ = server
    url = f"{address}{path}" if path else "http://127.0.0.1:1/yunet.onnx"
    with pytest.raises(OSError, match=r"cannot be fetched .* fetch it yourself and give its path"):
        fetch_model(url, HASH, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/yunet.onnx", "https://", "https://host", "x"])
def test_other_schemes_are_refused(tmp_path, url):
    with pytest.raises(ValueError, match="expected a URL that begins with https://"):
        fetch_model(url, HASH, tmp_path)


@pytest.mark.parametrize("sha256", ["", HASH[:-1], HASH + "0", "g" * 64])
def test_hash_must_be_one(tmp_path, sha256):
    with pytest.raises(ValueError, match="expected 64 hexadecimal digits"):
        fetch_model("https://host/yunet.onnx", sha256, tmp_path)
