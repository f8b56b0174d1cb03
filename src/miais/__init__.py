"""Hide a face in an ordinary picture and recognise the person on that picture, without restoring the face.

The names below are imported on first use, so that `miais --help` need not wait for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from miais.image import read_image, write_png
    from miais.keys import read_key
    from miais.system import StegoSystem, load
    from miais.system_folder import bundled_systems

__all__ = ["StegoSystem", "bundled_systems", "load", "read_image", "read_key", "write_png"]

_HOMES = {
    "StegoSystem": "miais.system",
    "bundled_systems": "miais.system_folder",
    "load": "miais.system",
    "read_image": "miais.image",
    "read_key": "miais.keys",
    "write_png": "miais.image",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
