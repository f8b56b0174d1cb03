"""Covers: ordinary pictures, from a folder or zip archive, or the photographs that come with scikit-image."""

import importlib.util
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from torch import Tensor

from miais.data.image_files import ImageFiles, open_image_files
from miais.data.scanning import find_unreadable
from miais.image import from_uint8, quantize, resize, to_uint8

CACHE_LIMIT_BYTES = 2**30
# Bundled in the wheels since 0.25; of the stereo pair only one, since both show the same scene.
_PHOTOGRAPHS = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png",
    "grass.png", "gravel.png", "moon.png", "motorcycle_left.png", "rocket.jpg",
)  # fmt: skip
_SPLITS = {"train": (0.0, 0.5), "val": (0.5, 0.7), "test": (0.7, 1.0)}  # shares of a photograph's width


class CoverSet:
    """Pictures to hide secrets in, each of its own size.

    Args:
        names: Names of the pictures.
        decode: From a name to the picture, float, (3, H, W), range [0, 1]. Must be picklable for loader workers.

    Attributes:
        names: Names of the pictures, sorted.
    """

    def __init__(self, names: Collection[str], decode: Callable[[str], Tensor]) -> None:
        if not names:
            raise ValueError("expected at least one cover, got none")
        self.names = tuple(sorted(names))
        self._decode = decode
        self._cache: dict[tuple[str, tuple[int, int] | None], Tensor] = {}
        self._cache_bytes = 0

    @classmethod
    def open(cls, path: str | Path, names: Collection[str] | None = None) -> "CoverSet":
        """Open a folder or zip archive, read in place.

        Args:
            path: The folder or archive.
            names: The pictures to keep; None keeps all.

        Raises:
            FileNotFoundError: If `path` does not exist.
            ValueError: If there are no images or a wanted one is missing.
        """
        files = open_image_files(path)
        if names is not None:
            missing = sorted(set(names).difference(files.names))
            if missing:
                raise ValueError(f"{path}: {len(missing)} covers are not in it: {', '.join(missing[:10])}")
        return cls(files.names if names is None else names, files.image)

    @classmethod
    def union(cls, sets: "Mapping[str, CoverSet]") -> "CoverSet":
        """Put several sets together; the set's name goes before each picture's."""
        if len(sets) == 1:
            return next(iter(sets.values()))
        names = [f"{key}/{name}" for key, covers in sets.items() for name in covers.names]
        return cls(names, partial(_decode_of_union, {key: covers._decode for key, covers in sets.items()}))

    def resized(self, size: int) -> "CoverSet":
        """Return the same pictures as squares of one size, resized whole."""
        return CoverSet(self.names, partial(_decode_resized, self._decode, size))

    def __len__(self) -> int:
        return len(self.names)

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_cache": {}, "_cache_bytes": 0}

    def pixels(self, index: int, size: tuple[int, int] | None = None) -> Tensor:
        """Return cover number `index`, kept in memory while all kept ones need less than 1 GiB. Do not write to it.

        Args:
            index: Number of the cover.
            size: Height and width to resize to, pixels; None leaves it at its own size.

        Returns:
            uint8, shape (3, height, width).

        Raises:
            ImageError: If the file cannot be decoded; `scan` beforehand leaves such files out.
        """
        key = (self.names[index], size)
        pixels = self._cache.get(key)
        if pixels is None:
            picture = self._decode(self.names[index])
            pixels = to_uint8(picture if size is None else resize(picture, size))
            if self._cache_bytes + pixels.numel() <= CACHE_LIMIT_BYTES:
                self._cache[key] = pixels
                self._cache_bytes += pixels.numel()
        return pixels

    def random_crop(self, index: int, size: int, generator: np.random.Generator) -> Tensor:
        """Cut a square of random place and scale out of a cover, then resize it.

        The square's side is uniform from `size` to the cover's shorter side, at most three times `size`; a cover
        smaller than `size` is enlarged.

        Args:
            index: Number of the cover.
            size: Side of the result, pixels.
            generator: Source of the place and the scale.

        Returns:
            uint8, shape (3, size, size).
        """
        whole = self.pixels(index)
        height, width = whole.shape[-2:]
        shorter = min(height, width)
        side = int(generator.integers(min(size, shorter), min(3 * size, shorter) + 1))
        top = int(generator.integers(height - side + 1))
        left = int(generator.integers(width - side + 1))
        return to_uint8(resize(from_uint8(whole[:, top : top + side, left : left + side]), (size, size)))

    def scan(
        self,
        size: tuple[int, int] | None = None,
        workers: int = 2,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[str]:
        """Decode every cover once, which fills the cache, and leave out the unreadable ones.

        Args:
            size: As it will be given to `pixels`; None where `random_crop` is used.
            workers: Threads.
            progress: Called with the number of covers done and of all covers.

        Returns:
            Names of the unreadable files, which are no longer in the set.

        Raises:
            ValueError: If more than 1% cannot be read.
        """
        bad = find_unreadable(self.names, lambda index: self.pixels(index, size), workers=workers, progress=progress)
        unreadable = [self.names[index] for index in bad]
        self.names = tuple(name for name in self.names if name not in unreadable)
        return unreadable


def scikit_image_photographs(split: Literal["train", "val", "test"]) -> CoverSet:
    """Return the photographs that the installed scikit-image brings along; nothing is downloaded.

    The left half of each photograph is for training, the next fifth for validation and the rest for testing, so no
    pixel is in two of them.

    Args:
        split: Which part.

    Raises:
        ModuleNotFoundError: If scikit-image is not installed.

    Example:
        >>> scikit_image_photographs("test").pixels(0, (64, 64)).shape  # doctest: +SKIP
        torch.Size([3, 64, 64])
    """
    if split not in _SPLITS:
        raise ValueError(f"expected split 'train', 'val' or 'test', got {split!r}")
    found = importlib.util.find_spec("skimage")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("the photographs come with scikit-image; run: pip install 'miais[report]'")
    files = open_image_files(Path(found.submodule_search_locations[0]) / "data")
    names = [name for name in _PHOTOGRAPHS if name in files.names]
    return CoverSet(names, partial(_part_of_picture, files, split))


def _decode_resized(decode: Callable[[str], Tensor], size: int, name: str) -> Tensor:
    return quantize(resize(decode(name), (size, size)))


def _decode_of_union(decoders: Mapping[str, Callable[[str], Tensor]], name: str) -> Tensor:
    key, _, rest = name.partition("/")
    return decoders[key](rest)


def _part_of_picture(files: ImageFiles, split: str, name: str) -> Tensor:
    picture = files.image(name)
    left, right = (round(share * picture.shape[-1]) for share in _SPLITS[split])
    return picture[..., left:right]
