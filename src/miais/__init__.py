"""Hide a face in an ordinary picture and recognise the person on that picture, without restoring the face."""

from miais.image import read_image, write_png
from miais.system import StegoSystem, bundled_systems, load

__all__ = ["StegoSystem", "bundled_systems", "load", "read_image", "write_png"]
