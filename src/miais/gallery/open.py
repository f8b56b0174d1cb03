"""Open a gallery by where it is."""

import importlib.util
from pathlib import Path

from miais.gallery.gallery import Gallery, Maker
from miais.gallery.new_place import make_place

LITE = ".db"
"""Ending of a path that Milvus Lite keeps: its interface is that of a server, for trying out."""


def open_gallery(uri: str, maker: Maker | None, *, create: bool = False, token: str | None = None) -> Gallery:
    """Open a gallery, or make one.

    Args:
        uri: A folder, which LanceDB keeps; `http(s)://HOST:PORT`, perhaps with `/DATABASE`, for Milvus; or a path that
            ends in `.db`, for Milvus Lite.
        maker: What makes the embeddings that will come; None for whatever made those that are there.
        create: Whether to make the gallery if there is none.
        token: What a Milvus server asks for, if it does.

    Raises:
        FileNotFoundError: If there is none and none is to be made, or no folder to make it in.
        ModuleNotFoundError: If the database is not installed.
        ValueError, OSError: As `GalleryFolder` and `MilvusGallery`.
    """
    if uri.startswith(("http://", "https://")) or uri.endswith(LITE):
        return _open_milvus(uri, maker, create=create, token=token)
    if "://" in uri:
        raise ValueError(f"expected a folder, http(s)://HOST:PORT or a path ending in {LITE} as gallery, got {uri!r}")
    if importlib.util.find_spec("lancedb") is None:
        raise ModuleNotFoundError("galleries are kept by LanceDB; run: pip install 'miais[gallery]'")
    from miais.gallery.lance import LanceGallery

    return LanceGallery(Path(uri), maker, create=create)


def _open_milvus(uri: str, maker: Maker | None, *, create: bool, token: str | None) -> Gallery:
    if importlib.util.find_spec("pymilvus") is None:
        raise ModuleNotFoundError(f"{uri}: this gallery is kept by Milvus; run: pip install 'miais[milvus]'")
    if uri.endswith(LITE):
        if importlib.util.find_spec("milvus_lite") is None:
            raise ModuleNotFoundError(f"{uri}: this gallery is kept by Milvus Lite; run: pip install milvus-lite")
        if not create and not Path(uri).exists():  # it would make one
            raise FileNotFoundError(f"{uri}: no gallery is there; `miais enroll` makes one")
        make_place(Path(uri))
    from miais.gallery.milvus import MilvusGallery

    return MilvusGallery(uri, maker, create=create, token=token)
