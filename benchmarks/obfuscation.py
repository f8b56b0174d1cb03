"""Speed of the methods of visual hiding, and how far what they hide is from the plain picture.

Usage:
    python benchmarks/obfuscation.py [--faces FOLDER|ZIP] [--count 32] [--keys 4] [--rounds 20] [--side 256]

On one core, milliseconds of the processor, median (minimum), so that other programs on the machine count less. "first"
is the first picture under a new key, when tables are drawn; "hide" and "inverse" are the later ones. MSE, PSNR (dB,
mean over pictures) and MS-SSIM (`standard`, `miais`) are means over keys, of 8-bit pictures at the given side. Faces
are spread evenly over the names of a folder or zip; without one it is a face in a photograph of scikit-image.
"""

import argparse
import hashlib
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from machine import describe_machine
from rich.console import Console
from rich.table import Table
from torch import Tensor

from miais.data.image_files import open_image_files
from miais.image import from_uint8, resize, to_uint8
from miais.metrics import mean_psnr, mean_squared_error
from miais.metrics.ms_ssim import ms_ssim_of_both_kinds
from miais.obfuscation import (
    P3,
    BlockShuffle,
    CombinedCatMap,
    EncryptionThenCompression,
    ExtendedLearnableEncryption,
    GaussianBlur,
    GreyEncryptionThenCompression,
    HogEncryption,
    LearnableEncryption,
    Mosaic,
    Obfuscation,
    PixelBasedEncryption,
    ReversibleObfuscation,
    XorEncryption,
)

KEYED: dict[str, Callable[[bytes], Obfuscation]] = {
    "CCM": CombinedCatMap,
    "CCM, diffusion": partial(CombinedCatMap, diffusion=True),
    "LE": LearnableEncryption,
    "LE, reference": partial(LearnableEncryption, flip="reference"),
    "PBIE": PixelBasedEncryption,
    "EtC, 4x4": partial(EncryptionThenCompression, block=4),
    "EtC, 8x8": partial(EncryptionThenCompression, block=8),
    "EtC": EncryptionThenCompression,
    "EtC, grey": GreyEncryptionThenCompression,
    "ELE": ExtendedLearnableEncryption,
    "EM-HOG": HogEncryption,
    "EM-HOG, 3/4 negative": partial(HogEncryption, negative_share=0.75),
    "PPFR": XorEncryption,
    "PPFR, shake": partial(XorEncryption, generator="shake"),
    "PPFR, shake, density 0.78": partial(XorEncryption, generator="shake", density=0.78),
    "PPFR, shake, 7 bits": partial(XorEncryption, generator="shake", bits=7),
    "BWS": BlockShuffle,
    "BWS, 48 values": partial(BlockShuffle, values=True),
}
KEYLESS: dict[str, Obfuscation] = {
    "DIO: P3, T=1": P3(threshold=1),
    "DIO: P3": P3(),
    "DIO: P3, T=20": P3(threshold=20),
    "DIO: mosaic 16": Mosaic(),
    "DIO: mosaic 32": Mosaic(window=32),
    "DIO: blur 8": GaussianBlur(),
    "DIO: blur 16": GaussianBlur(sigma=16.0),
}
SLOW_TO_START = ("PPFR",)
"""One key is enough for these: a second for each, and another mask is as good."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=Path)
    parser.add_argument("--count", type=int, default=32)
    parser.add_argument("--keys", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--side", type=int, default=256)
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    faces = pictures(arguments.faces, arguments.count, arguments.side)
    machine = describe_machine() | {"faces": str(len(faces))}
    title = f"Visual hiding, {arguments.side}x{arguments.side}"
    table = Table(title=title, caption=", ".join(f"{k} {v}" for k, v in machine.items()))
    for column in ("method", "first", "hide", "inverse", "images/s", "MSE", "PSNR", "MS-SSIM", "miais"):
        table.add_column(column, justify="left" if column == "method" else "right")
    for name, make in KEYED.items():
        count = 1 if name in SLOW_TO_START else arguments.keys
        keys = [hashlib.sha256(bytes([number])).digest() for number in range(count)]
        add_row(table, name, [make(key) for key in keys], faces, arguments.rounds)
    table.add_section()
    for name, method in KEYLESS.items():
        add_row(table, name, [method], faces, arguments.rounds)
    Console().print(table)


def add_row(table: Table, name: str, methods: list[Obfuscation], faces: Tensor, rounds: int) -> None:
    method = methods[0]
    first = milliseconds(method, faces[0])
    hidden = method(faces[0])
    hide = [milliseconds(method, faces[number % len(faces)]) for number in range(rounds)]
    inverse = "-"
    if isinstance(method, ReversibleObfuscation):
        inverse = summary([milliseconds(method.inverse, hidden) for _ in range(rounds)])
    error, decibels, standard, miais = fidelity(methods, faces)
    speed = f"{1e3 / statistics.median(hide):.0f}"
    numbers = f"{error:.4f}", f"{decibels:.2f}", f"{standard:.3f}", f"{miais:.3f}"
    table.add_row(name, f"{first:.0f}", summary(hide), inverse, speed, *numbers)


def milliseconds(transform: Callable[[Tensor], Tensor], picture: Tensor) -> float:
    start = time.process_time()
    transform(picture)
    return 1e3 * (time.process_time() - start)


def summary(measured: list[float]) -> str:
    return f"{statistics.median(measured):.2f} ({min(measured):.2f})"


def fidelity(methods: list[Obfuscation], faces: Tensor) -> list[float]:
    plain, rows = from_uint8(faces), []
    for method in methods:
        hidden = from_uint8(method(faces))
        standard, miais = ms_ssim_of_both_kinds(hidden, plain)
        error = mean_squared_error(hidden, plain).mean()
        rows.append([each.item() for each in (error, mean_psnr(hidden, plain), standard.mean(), miais)])
    return [statistics.mean(column) for column in zip(*rows, strict=True)]


def pictures(path: Path | None, count: int, side: int) -> Tensor:
    if path is None:
        import skimage.data

        face = torch.from_numpy(skimage.data.astronaut()).permute(2, 0, 1)[:, 20:220, 130:330]
        return to_uint8(resize(from_uint8(face), (side, side)))[None]
    files = open_image_files(path, depth=2)
    names = files.names[:: max(1, len(files.names) // count)][:count]
    return torch.stack([to_uint8(resize(files.image(name), (side, side))) for name in names])


if __name__ == "__main__":
    main()
