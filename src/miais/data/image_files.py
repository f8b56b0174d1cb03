"""A folder or a zip archive of images, read in place: nothing is ever extracted."""

import lzma
import os
import stat
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from torch import Tensor

from miais.image import ImageError, decode_image

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
MAX_BYTES = 64 * 2**20
# Folders with these names mean a part of the data set, so they are kept even when they are the only top folder.
PARTS = frozenset({"train", "val", "test"})
# Bounds the walk when a symbolic link points back to one of its parents.
_MAX_FOLDER_DEPTH = 8


class ImageFiles(ABC):
    """Names and bytes of the images below a folder or inside an archive; safe to pickle and to use after a fork.

    Attributes:
        path: The folder or archive.
        names: Relative POSIX names of the images, sorted, without a common top folder.
        empty_folders: Folders without an image at any depth, named like `names`, sorted.
    """

    def __init__(self, path: Path, images: Iterable[str], folders: Iterable[str], depth: int) -> None:
        members = sorted(set(images))
        if not members:
            raise ValueError(f"{path}: no images found; expected files ending in {', '.join(sorted(SUFFIXES))}")
        self.path = path
        self._prefix = _common_top(members, depth)
        skip = len(self._prefix)
        self.names = tuple(member[skip:] for member in members)
        parents = {str(parent) for member in members for parent in PurePosixPath(member).parents}
        empty = set(folders) - parents
        self.empty_folders = tuple(sorted(name[skip:] for name in empty if name.startswith(self._prefix)))

    def read(self, name: str) -> bytes:
        """Read one file.

        Args:
            name: A name out of `names`, or that of another file beside them.

        Raises:
            FileNotFoundError: If there is no such file.
            ImageError: If the file is over 64 MiB, or its archive is damaged there.
        """
        return self._read_member(self._prefix + name)

    def image(self, name: str) -> Tensor:
        """Decode one image: float32, shape (3, H, W), range [0, 1].

        Raises:
            FileNotFoundError: If there is no such file.
            ImageError: If it is not a readable image.
        """
        return decode_image(self.read(name), f"{self.path}/{self._prefix}{name}")

    @abstractmethod
    def _read_member(self, member: str) -> bytes: ...

    def _check_size(self, size: int, member: str) -> None:
        if size > MAX_BYTES:
            raise ImageError(f"{self.path}/{member}: {size} bytes, more than the limit of {MAX_BYTES}; make it smaller")


class ImageFolder(ImageFiles):
    """The images below a folder; see `open_image_files`."""

    def __init__(self, path: Path, depth: int = 1) -> None:
        images, folders = [], []
        for base, subfolders, files in os.walk(path, followlinks=True):
            relative = PurePosixPath(Path(base).relative_to(path).as_posix())
            subfolders[:] = [name for name in subfolders if len(relative.parts) < _MAX_FOLDER_DEPTH and _visible(name)]
            folders += [str(relative / name) for name in subfolders]
            images += [str(relative / name) for name in files if _is_image(name)]
        super().__init__(path, images, folders, depth)

    def _read_member(self, member: str) -> bytes:
        file = self.path / member
        state = file.stat()
        if not stat.S_ISREG(state.st_mode):
            raise ImageError(f"{file}: not a regular file")
        self._check_size(state.st_size, member)
        return file.read_bytes()


class ImageArchive(ImageFiles):
    """The images of a zip archive, which every process opens for itself; see `open_image_files`."""

    def __init__(self, path: Path, depth: int = 1) -> None:
        self._archive: zipfile.ZipFile | None = None
        self._process = -1
        try:
            with zipfile.ZipFile(path) as archive:
                members = [info for info in archive.infolist() if _visible(info.filename)]
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise ValueError(f"{path}: not a readable zip archive ({error}); copy or pack it again") from error
        encrypted = next((info.filename for info in members if info.flag_bits & 1), None)
        if encrypted is not None:
            raise ValueError(f"{path}: {encrypted} is encrypted; pack the archive again without a password")
        folders = {str(parent) for info in members for parent in PurePosixPath(info.filename + "x").parents}
        images = [info.filename for info in members if not info.is_dir() and _is_image(info.filename)]
        super().__init__(path, images, folders - {"."}, depth)

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_archive": None, "_process": -1}

    def _read_member(self, member: str) -> bytes:
        archive = self._archive
        if archive is None or self._process != os.getpid():
            # A forked child shares the parent's file position, so it needs a handle of its own.
            archive = zipfile.ZipFile(self.path)
            self._archive, self._process = archive, os.getpid()
        try:
            info = archive.getinfo(member)
        except KeyError:
            raise FileNotFoundError(f"{self.path}: no file {member} in this archive") from None
        self._check_size(info.file_size, member)
        try:
            return archive.read(info)
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError) as error:
            # Damaged bzip2 gives a bare OSError, an unknown method a NotImplementedError, which is a RuntimeError.
            raise ImageError(f"{self.path}/{member}: damaged in the archive ({error})") from error


def open_image_files(path: str | Path, *, depth: int = 1) -> ImageFiles:
    """Open a folder or a zip archive of images.

    Hidden files and `__MACOSX` are ignored; suffixes count in any case. The names leave out a top folder that
    everything lies in.

    Args:
        path: A folder, or a file ending in `.zip`.
        depth: Fewest parts that a name keeps when top folders are left out: 1 for `image`, 2 for `label/image`.

    Raises:
        FileNotFoundError: If `path` does not exist.
        ValueError: If it is neither a folder nor a readable zip archive, is encrypted, or has no images.
    """
    path = Path(path)
    if path.is_dir():
        return ImageFolder(path, depth)
    if not path.exists():
        raise FileNotFoundError(f"{path}: expected a folder or a zip archive of images, found nothing there")
    if path.suffix.lower() != ".zip":
        raise ValueError(f"{path}: expected a folder or a file ending in .zip")
    return ImageArchive(path, depth)


def _visible(name: str) -> bool:
    return not any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _is_image(name: str) -> bool:
    return _visible(name) and PurePosixPath(name).suffix.lower() in SUFFIXES


def _common_top(members: list[str], depth: int) -> str:
    split = [member.split("/") for member in members]
    level, shortest = 0, min(map(len, split))
    while shortest - level > depth and split[0][level] not in PARTS and len({parts[level] for parts in split}) == 1:
        level += 1
    return "".join(f"{part}/" for part in split[0][:level])
