"""Where a gallery is, as verbs are told, and the gallery that lies there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # a verb imports what it needs
    from miais.gallery.gallery import Gallery, Maker

GalleryPlace = Annotated[
    str,
    typer.Option(
        "--gallery",
        metavar="DIR|URI",
        help="The gallery's folder; or http(s)://HOST:PORT of a Milvus server, or FILE.db of Milvus Lite.",
    ),
]


@contextmanager
def opened_gallery(uri: str, maker: "Maker | None", *, create: bool = False) -> "Iterator[Gallery]":
    """Open a gallery and close it at the end; a Milvus server gets the token that MILVUS_TOKEN holds.

    Args, Raises:
        As `miais.gallery.open.open_gallery`.
    """
    from miais.gallery.open import open_gallery

    gallery = open_gallery(uri, maker, create=create, token=os.environ.get("MILVUS_TOKEN"))
    try:
        yield gallery
    finally:
        gallery.close()
