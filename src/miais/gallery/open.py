"""Stand-in."""

from pathlib import Path

from miais.gallery.gallery import Gallery, Maker


def open_gallery(uri: str, maker: Maker, *, create: bool = False) -> Gallery:
    """Stand-in."""
    import sys

    sys.path.insert(0, str(Path(__file__).parents[3] / "tests"))
    from support.gallery_in_memory import GalleryInMemory  # type: ignore[import-not-found]

    gallery: Gallery = GalleryInMemory(maker)
    return gallery
