"""Labelled secrets: faces, or any images of `root/label/image`, and the handwritten digits of scikit-learn."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from miais.data.image_files import open_image_files
from miais.data.layouts import labelled_files
from miais.data.scanning import find_unreadable
from miais.image import from_uint8, resize, to_uint8

CACHE_LIMIT_BYTES = 4 * 2**30


class SecretSet:
    """Secrets of one square size with the person that each one shows.

    Args:
        label_of: Label of each image by name.
        decode: From a name to the image, float, (3, H, W), range [0, 1]. Must be picklable for loader workers.
        image_size: Side of the square that every secret is resized to, pixels; the aspect is ignored, as in the paper.
        cache: Keep decoded secrets in memory. None: if all of them need less than 4 GiB.

    Attributes:
        names: Names of the images, sorted.
        identities: Labels, sorted.
        labels: Position in `identities` of each image's label, int64, shape (len,).
        image_size: As given.
    """

    def __init__(
        self,
        label_of: Mapping[str, str],
        decode: Callable[[str], Tensor],
        image_size: int,
        *,
        cache: bool | None = None,
    ) -> None:
        if not label_of:
            raise ValueError("expected at least one secret, got none")
        if image_size < 1:
            raise ValueError(f"expected an image_size of at least 1 pixel, got {image_size}")
        self.image_size = image_size
        self._decode = decode
        self._set_names(label_of)
        if cache is None:
            cache = len(label_of) * 3 * image_size**2 < CACHE_LIMIT_BYTES
        rows = len(label_of) if cache else 0
        # One tensor rather than many: forked workers share it, and memory is touched only where filled.
        self._cache = torch.empty((rows, 3, image_size, image_size), dtype=torch.uint8)
        self._cached = torch.zeros(rows, dtype=torch.bool)

    @classmethod
    def open(
        cls,
        path: str | Path,
        image_size: int,
        identities: Collection[str] | None = None,
        *,
        split: Literal["train", "val"] | None = None,
        cache: bool | None = None,
    ) -> "SecretSet":
        """Open a folder or zip archive in one of the layouts of `labelled_files`.

        Args:
            path: The folder or archive, read in place.
            image_size: Side of the square secrets, pixels.
            identities: The labels to keep; None keeps all.
            split: Part of data sets that have the folders `train` and `val`.
            cache: As for the class.

        Raises:
            FileNotFoundError: If `path` does not exist.
            ValueError: If there are no images, a class is empty, an identity is missing, or the layout is unknown.
        """
        files = open_image_files(path, depth=2)
        label_of = labelled_files(files, split)
        if identities is not None:
            wanted = frozenset(identities)
            missing = sorted(wanted.difference(label_of.values()))
            if missing:
                raise ValueError(f"{path}: {len(missing)} identities are not in it: {', '.join(missing[:10])}")
            label_of = {name: label for name, label in label_of.items() if label in wanted}
        return cls(label_of, files.image, image_size, cache=cache)

    def thinned(self, every: int) -> "SecretSet":
        """Return every so many-th secret, in the order of the names.

        Raises:
            ValueError: If a label would be left without a secret, which would shift the numbers of all others.
        """
        names = self.names[::every]
        label_of = {name: self.identities[int(self.labels[index])] for index, name in enumerate(self.names)}
        kept = {name: label_of[name] for name in names}
        if set(kept.values()) != set(self.identities):
            raise ValueError(f"expected every label among every {every}th of {len(self)} secrets; keep more of them")
        return SecretSet(kept, self._decode, self.image_size)

    def with_pictures(self, count: int) -> "SecretSet":
        """Return so many pictures of each person, the first by name, without people who have fewer.

        Raises:
            ValueError: If nobody has so many.
        """
        of_person: dict[str, list[str]] = {}
        for index, name in enumerate(self.names):
            of_person.setdefault(self.identities[int(self.labels[index])], []).append(name)
        kept = {name: who for who, names in of_person.items() if len(names) >= count for name in names[:count]}
        if not kept:
            raise ValueError(f"expected people with {count} pictures, but the most that anybody has are fewer")
        return SecretSet(kept, self._decode, self.image_size)

    def changed(self, change: Callable[[Tensor], Tensor]) -> "SecretSet":
        """Return the same people and numbers in pictures that something has been done to.

        Args:
            change: From bytes (3, S, S) to the like; must be picklable for loader workers.
        """
        number = {name: index for index, name in enumerate(self.names)}
        label_of = {name: self.identities[int(self.labels[index])] for name, index in number.items()}
        return SecretSet(label_of, partial(_decode_changed, self, number, change), self.image_size)

    def __len__(self) -> int:
        return len(self.names)

    def pixels(self, index: int) -> Tensor:
        """Return secret number `index`: uint8, shape (3, S, S). Do not write to it.

        Raises:
            ImageError: If the file cannot be decoded; `scan` beforehand leaves such files out.
            IndexError: If there is no such number.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"expected a number from 0 to {len(self) - 1}, got {index}")
        if len(self._cached) and self._cached[index]:
            return self._cache[index]
        pixels = to_uint8(resize(self._decode(self.names[index]), (self.image_size, self.image_size)))
        if len(self._cached):
            self._cache[index] = pixels
            self._cached[index] = True
        return pixels

    def scan(self, workers: int = 2, progress: Callable[[int, int], None] | None = None) -> list[str]:
        """Decode every secret once, which fills the cache, and leave out the unreadable ones.

        Args:
            workers: Threads.
            progress: Called with the number of secrets done and of all secrets.

        Returns:
            Names of the unreadable files, which are no longer in the set; a person left without a file is gone too.
            Numbers and labels shift then, so make samplers afterwards.

        Raises:
            ValueError: If more than 1% cannot be read.
        """
        bad = find_unreadable(self.names, self.pixels, workers=workers, progress=progress)
        unreadable = [self.names[index] for index in bad]
        if bad:
            keep = torch.ones(len(self), dtype=torch.bool)
            keep[bad] = False
            kept = keep.nonzero().flatten().tolist()
            self._set_names({self.names[index]: self.identities[int(self.labels[index])] for index in kept})
            if len(self._cached):
                self._cache, self._cached = self._cache[keep], self._cached[keep]
        return unreadable

    def _set_names(self, label_of: Mapping[str, str]) -> None:
        self.names = tuple(sorted(label_of))
        self.identities = tuple(sorted(set(label_of.values())))
        number = {identity: index for index, identity in enumerate(self.identities)}
        self.labels = torch.tensor([number[label_of[name]] for name in self.names], dtype=torch.int64)


def _decode_changed(
    secrets: SecretSet, number: Mapping[str, int], change: Callable[[Tensor], Tensor], name: str
) -> Tensor:
    return from_uint8(change(secrets.pixels(number[name])))


def digits(image_size: int, split: Literal["train", "val", "test"], *, every: int = 1) -> SecretSet:
    """Return the handwritten digits bundled with scikit-learn: 1797 grey images of 8x8 pixels, enlarged, as RGB.

    Of every ten images of each digit two are for testing, one is for validation, and seven are for training.

    Args:
        image_size: Side of the square secrets, pixels.
        split: Which part.
        every: Keep every so many-th image only.

    References:
        UCI, Optical Recognition of Handwritten Digits, https://archive.ics.uci.edu/dataset/80

    Example:
        >>> secrets = digits(32, "test")
        >>> len(secrets.identities), tuple(secrets.pixels(0).shape)
        (10, (3, 32, 32))
    """
    from sklearn.datasets import load_digits  # imported here: it takes a second, and only this function needs it

    if split not in ("train", "val", "test"):
        raise ValueError(f"expected split 'train', 'val' or 'test', got {split!r}")
    bunch = load_digits()
    labels = torch.from_numpy(bunch.target)
    images = torch.from_numpy(bunch.images).float() / 16
    rank_in_class = (labels[:, None] == torch.arange(10)).cumsum(0).gather(1, labels[:, None]).flatten() - 1
    part_of_rank = ["train", "train", "train", "val", "test"] + ["train"] * 4 + ["test"]
    chosen = [index for index, rank in enumerate(rank_in_class.tolist()) if part_of_rank[rank % 10] == split]
    names = {f"{labels[index]}/{index:04d}": index for index in chosen[::every]}
    pictures = {name: images[index].expand(3, 8, 8) for name, index in names.items()}
    return SecretSet({name: name[0] for name in names}, pictures.__getitem__, image_size)
