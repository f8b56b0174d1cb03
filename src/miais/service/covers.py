"""Covers of our own: photographs that scikit-image brings along, for whoever has none at hand."""

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from torch import Tensor

from miais.image import read_image

_FILES = {"cat": "chelsea.png", "coffee": "coffee.png", "rocket": "rocket.jpg", "photographer": "camera.png"}
_WHAT = {
    "cat": "A cat",
    "coffee": "A cup of coffee",
    "rocket": "A rocket on its pad",
    "photographer": "A photographer, black and white",
}


@dataclass(frozen=True)
class Cover:
    """A photograph that may carry a face.

    Attributes:
        name: To ask for it.
        what: What it shows.
        image: Shape (3, H, W), range [0, 1].
    """

    name: str
    what: str
    image: Tensor


@lru_cache(maxsize=1)
def own_covers() -> dict[str, Cover]:
    """Read the photographs; there are none where scikit-image is not installed."""
    found = importlib.util.find_spec("skimage")
    if found is None or found.origin is None:
        return {}
    folder = Path(found.origin).parent / "data"
    return {
        name: Cover(name, _WHAT[name], read_image(folder / file))
        for name, file in _FILES.items()
        if (folder / file).is_file()
    }
