"""Covers of our own: photographs that scikit-image brings along, for whoever has none at hand."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import skimage
from torch import Tensor

from miais.image import read_image

# Its cat is not among them: StegExpose suspects that picture as it is.
_COVERS = {
    "coffee": ("coffee.png", "A cup of coffee"),
    "rocket": ("rocket.jpg", "A rocket on its pad"),
    "photographer": ("camera.png", "A photographer"),
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
    """Read the photographs."""
    folder = Path(skimage.__file__).parent / "data"
    return {name: Cover(name, what, read_image(folder / file)) for name, (file, what) in _COVERS.items()}
