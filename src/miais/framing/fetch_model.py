"""A detector's file from the network, once, and only if it is the expected one."""

import hashlib
import http.client
import os
import re
import urllib.error
import urllib.request
import uuid
from pathlib import Path

_MOST_BYTES = 64 * 2**20
_PATIENCE_S = 30.0


def fetch_model(url: str, sha256: str, folder: Path) -> Path:
    """Return a file that was fetched before, or fetch it.

    What arrives is kept only if it has the expected hash, and gets its name only then.

    Args:
        url: Beginning with `https://` or `http://`.
        sha256: Of the file, 64 hexadecimal digits.
        folder: Where such files are kept; made if missing.

    Returns:
        The file, named by its hash.

    Raises:
        ValueError: If the URL or the hash is none, or the file that arrives has another hash or more than 64 MiB.
        OSError: If the file cannot be fetched or written.
    """
    if re.fullmatch(r"https?://[^\s/]+/\S*", url) is None:
        raise ValueError(f"expected a URL that begins with https:// or http://, got {url!r}")
    if re.fullmatch(r"[0-9a-fA-F]{64}", sha256) is None:
        raise ValueError(f"expected 64 hexadecimal digits as the SHA-256 of {url}, got {sha256!r}")
    sha256 = sha256.lower()
    path = folder / f"{sha256}.onnx"
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
        return path
    data = _read(url)
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ValueError(f"{url}: expected a file of SHA-256 {sha256}, got one of {found}; nothing was kept")
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{uuid.uuid4().hex}.tmp"
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _read(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_S) as answer:  # noqa: S310 - the scheme was checked
            data: bytes = answer.read(_MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:  # a URLError is an OSError
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it holds the answer's connection
        raise OSError(f"{url}: cannot be fetched ({error}); fetch it yourself and give its path") from error
    if len(data) > _MOST_BYTES:
        raise ValueError(f"{url}: expected at most {_MOST_BYTES >> 20} MiB, got more; nothing was kept")
    return data
