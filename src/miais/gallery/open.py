"""Open a gallery by where it is."""

import importlib.util
from pathlib import Path

from miais.gallery.gallery import Gallery, Maker


def open_gallery(uri: str, maker: Maker | None, *, create: bool = False) -> Gallery:
    """Open a gallery, or make one.

    Args:
        uri: A folder.
        maker: What makes the embeddings that will come; None for whatever made those that are there.
        create: Whether to make the gallery if there is none.

    Raises:
        FileNotFoundError: If there is none and none is to be made.
        ModuleNotFoundError: If the database is not installed.
        ValueError, OSError: As `GalleryFolder`.
    """
    if "://" in uri:
        raise ValueError(f"expected a folder as gallery, got {uri!r}; galleries on servers are not supported yet")
    if importlib.util.find_spec("lancedb") is None:
        raise ModuleNotFoundError("galleries are kept by LanceDB; run: pip install 'miais[gallery]'")
    from miais.gallery.lance import LanceGallery

    return LanceGallery(Path(uri), maker, create=create)
