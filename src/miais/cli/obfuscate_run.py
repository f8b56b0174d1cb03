"""`miais obfuscate`, once its options are known: files, folders, and what is printed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from miais.cli.fidelity import full_fidelity
from miais.cli.obfuscation_methods import FOR_JPEG, make_method
from miais.cli.output import print_record, print_table
from miais.cli.pictures import pictures_of, progress_over_files
from miais.data.image_files import SUFFIXES
from miais.image import ImageError, decode_image, from_uint8, read_image, resize, to_uint8, write_png
from miais.image_limits import read_file
from miais.obfuscation import ReversibleObfuscation, image_key


@dataclass(frozen=True)
class ObfuscationTask:
    """What is done to each picture.

    Attributes:
        method: Its name.
        key: 32 bytes, or None for a method without one.
        settings: Texts such as "block=8".
        inverse: Whether to undo the method.
        size: Side to resize to before the method, in pixels, or None.
        per_image: Whether each picture has a key made from `key` and its file's stem.
    """

    method: str
    key: bytes | None = field(repr=False)
    settings: tuple[str, ...]
    inverse: bool
    size: int | None
    per_image: bool

    def do(self, image: Path, out: Path) -> dict[str, Any]:
        """Read a picture, hide it or undo that, and write the result.

        Returns:
            `file`, `out`, `method`, `inverse`, `size` (width and height), and of a hidden picture `mse`, `psnr_db`,
            `ms_ssim` and `ms_ssim_miais` of the saved file against what was hidden.

        Raises:
            ValueError: If the picture cannot be read, does not suit the method, or is a lossy file to be undone.
            OSError: If a file is missing.
        """
        data = read_file(image)
        if self.inverse:
            self._check_lossless(data, image)
        plain = decode_image(data, str(image))
        if self.size is not None:
            plain = resize(plain, (self.size, self.size))
        pixels = to_uint8(plain)
        key = image_key(self.key, image.stem) if self.key is not None and self.per_image else self.key
        method = make_method(self.method, key, self.settings)
        try:
            if self.inverse and isinstance(method, ReversibleObfuscation):
                result = method.inverse(pixels)
            else:
                result = method(pixels)
        except ValueError as error:
            raise ValueError(f"{image}: {error}") from error
        write_png(out, from_uint8(result))
        record = {"file": str(image), "out": str(out), "method": self.method, "inverse": self.inverse}
        record |= {"size": [pixels.shape[2], pixels.shape[1]]}
        return record if self.inverse else record | full_fidelity(read_image(out), from_uint8(pixels))

    def _check_lossless(self, data: bytes, image: Path) -> None:
        webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP" and data[12:16] != b"VP8L"
        if not webp and not data.startswith(b"\xff\xd8"):
            return
        if self.method not in FOR_JPEG:
            raise ImageError(
                f"{image}: expected the PNG that was written, got a JPEG or WebP, which keeps pixels only roughly: "
                f"undone it would be noise; take the PNG, or a method that survives: {', '.join(sorted(FOR_JPEG))}"
            )
        typer.echo(f"Note: {image} is a JPEG or WebP: what comes back has its errors.", err=True)


def run_obfuscation(task: ObfuscationTask, image: Path, out: Path, *, as_json: bool) -> None:
    """Do a task for one picture or for each of a folder, and print what was done.

    Args:
        task: What to do.
        image: A picture or a folder.
        out: A file, or for a folder a folder, made if missing.
        as_json: Whether to print a line of JSON for each picture instead of a table.

    Raises:
        typer.BadParameter: If `out` cannot be such a folder, or a result would replace a picture.
        ValueError, OSError: Of a single picture.
        typer.Exit: With 1, if a picture of a folder failed.
    """
    if not image.is_dir():
        print_record(task.do(image, out), as_json=as_json)
        return
    files = pictures_of(image)
    _check_folder(out, image, files)
    out.mkdir(parents=True, exist_ok=True)
    records: list[dict[str, Any]] = []
    owners: dict[Path, Path] = {}
    with progress_over_files(as_json) as bar:
        for file in bar.track(files, description="undoing" if task.inverse else "hiding"):
            records.append(_attempt(task, file, out / f"{file.stem}.png", owners))
            if as_json:
                print_record(records[-1], as_json=True)
    _conclude(records, as_json)


def _check_folder(out: Path, folder: Path, files: Sequence[Path]) -> None:
    if out.is_file() or out.suffix.lower() in SUFFIXES:
        raise typer.BadParameter(f"{folder} is a folder, so OUT must be a folder too, got {out}", param_hint="-o")
    results = (out / f"{file.stem}.png" for file in files)
    if out.resolve() == folder.resolve() or any(
        result.exists() and any(result.samefile(file) for file in files) for result in results
    ):
        raise typer.BadParameter(
            f"a result in {out} would replace a picture of {folder}; choose another folder", param_hint="-o"
        )


def _attempt(task: ObfuscationTask, file: Path, out: Path, owners: dict[Path, Path]) -> dict[str, Any]:
    try:
        if out in owners:
            raise ValueError(f"{file}: {owners[out].name} has the result {out} already; rename one of the two")
        owners[out] = file
        return task.do(file, out)
    except (ValueError, OSError) as error:
        return {"file": str(file), "out": None, "method": task.method, "inverse": task.inverse, "error": str(error)}


def _conclude(records: Sequence[dict[str, Any]], as_json: bool) -> None:
    failed = [record for record in records if "error" in record]
    if not as_json:
        keys = ("file", "out", "psnr_db", "ms_ssim")
        done = [[record.get(key) for key in keys] for record in records if "error" not in record]
        if done:
            print_table(keys, done)
        for record in failed:
            typer.echo(f"Error: {record['error']}", err=True)
    if failed:
        typer.echo(f"{len(failed)} of {len(records)} pictures failed.", err=True)
        raise typer.Exit(1)
