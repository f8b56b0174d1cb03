"""Picture files as the world sends them: damaged, disguised, outsized, rare. Each knows what reading it must give."""

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from support.hostile_file import (
    ALPHA,
    COMPOSITED,
    GREY,
    RGB,
    HostileFile,
    on_white,
    quadrants,
    stored_for,
)
from support.hostile_jpeg import broken_jpeg_files, odd_jpeg_files
from support.hostile_png import broken_png_files, odd_png_files
from support.hostile_tiff import broken_tiff_files, odd_tiff_files
from support.picture_bytes import (
    bmp,
    exif,
    saved,
)


def hostile_files() -> list[HostileFile]:
    """Make all of them; the same bytes on every call."""
    makers = (
        _strangers,
        broken_png_files,
        odd_png_files,
        broken_jpeg_files,
        odd_jpeg_files,
        _webp_files,
        _bmp_files,
        broken_tiff_files,
        odd_tiff_files,
    )
    return [file for maker in makers for file in maker()]


def write_hostile_files(folder: Path) -> list[Path]:
    """Write all of them into a folder."""
    files = hostile_files()
    for file in files:
        (folder / file.name).write_bytes(file.data)
    return [folder / file.name for file in files]


def _strangers() -> Iterator[HostileFile]:
    frames = [Image.new("P", (4, 4), colour) for colour in (1, 2)]
    gif = io.BytesIO()
    frames[0].save(gif, "GIF", save_all=True, append_images=frames[1:])
    disallowed = {
        "text.png": b"this is not a picture\n",
        "one_byte.png": b"\x89",
        "plain.gif": saved(GREY[..., 0].astype(np.uint8), "GIF"),
        "animated.gif": gif.getvalue(),
        "vector.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "document.pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
        "program.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "page.html.jpg": b"<!doctype html><title>404</title>",
        "raw.ppm": b"P6 1 1 255\n\0\0\0",
        "phone.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "archive.zip.png": b"PK\x03\x04" + bytes(40),
        "squeezed.png.gz": b"\x1f\x8b\x08\0" + bytes(40),
        "sound.webp": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
        "zeros.png": bytes(1000),
    }
    yield HostileFile("empty.png", b"", error="empty file")
    for name, data in disallowed.items():
        yield HostileFile(name, data, error="expected a PNG, JPEG, WebP, BMP or TIFF picture")


def _webp_files() -> Iterator[HostileFile]:
    upright = quadrants()
    lossless = saved(upright, "WEBP", lossless=True)
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    animated = io.BytesIO()
    frames[0].save(animated, "WEBP", save_all=True, append_images=frames[1:])
    canvas = b"VP8X" + struct.pack("<II", 10, 0) + (16_000).to_bytes(3, "little") * 2
    yield HostileFile("lossless.webp", lossless, pixels=upright / 255)
    plain = upright[:16, :24]  # Lossy WebP halves the resolution of colour, which blurs edges.
    yield HostileFile("lossy.webp", saved(plain, "WEBP", quality=95), pixels=plain / 255, tolerance=4 / 255)
    alpha = np.full((32, 48, 1), 255)
    alpha[:10] = 51
    data = saved(np.concatenate([upright, alpha], -1).astype(np.uint8), "WEBP", lossless=True, exact=True)
    yield HostileFile("alpha.webp", data, pixels=on_white(upright / 255, alpha / 255), warning=COMPOSITED)
    turned = saved(stored_for(upright, 8), "WEBP", lossless=True, exif=b"Exif\0\0" + exif(8))
    yield HostileFile("turned_8.webp", turned, pixels=upright / 255)
    yield HostileFile("animated.webp", animated.getvalue(), error="expected one frame, got 3")
    yield HostileFile("cut.webp", lossless[:-10], error="damaged")
    yield HostileFile("header_only.webp", lossless[:20], error="damaged")
    yield HostileFile("bomb.webp", b"RIFF" + struct.pack("<I", 22) + b"WEBP" + canvas, error="megapixels|damaged")


def _bmp_files() -> Iterator[HostileFile]:
    random = np.random.default_rng(5)
    rows = np.zeros((5, 12), dtype=np.uint8)
    rows[:] = RGB[..., ::-1].reshape(5, 12)
    body, upside_down = rows[::-1].tobytes(), rows.tobytes()
    rgb = RGB / 255
    yield HostileFile("plain.bmp", bmp(4, 5, 24, body), pixels=rgb)
    yield HostileFile("top_down.bmp", bmp(4, -5, 24, upside_down), pixels=rgb)
    with_spare = np.concatenate([RGB[::-1, :, ::-1], ALPHA], -1).astype(np.uint8).tobytes()
    yield HostileFile("32_bit.bmp", bmp(4, 5, 32, with_spare), pixels=rgb)
    palette = random.integers(0, 256, (16, 4)).astype(np.uint8)
    index = random.integers(0, 16, (5, 8, 1))
    nibbles = b"".join(bytes(row[0::2, 0] * 16 + row[1::2, 0]) for row in index[::-1].astype(np.uint8))
    expected = palette[index[..., 0]][..., 2::-1] / 255
    yield HostileFile("palette.bmp", bmp(8, 5, 4, nibbles, palette.tobytes()), pixels=expected)
    short = bmp(4, 1, 8, bytes((0, 1, 2, 0)), bytes((9, 8, 7, 0, 6, 5, 4, 0)))
    yield HostileFile("palette_short.bmp", short, error="has 2 colours and a pixel uses number 2")
    runs = bmp(4, 1, 8, b"\x04\x01\0\x01", palette[:2].tobytes(), compression=1)
    yield HostileFile("run_length.bmp", runs, error="run-length compressed BMP")
    yield HostileFile("negative_width.bmp", bmp(-4, 5, 24, body), error="at most 50 megapixels")
    yield HostileFile("bomb.bmp", bmp(60_000, 60_000, 24, body), error="at most 50 megapixels")
    yield HostileFile("no_height.bmp", bmp(4, 0, 24, body), error="damaged")
    yield HostileFile("cut.bmp", bmp(4, 5, 24, body)[:-1], error="truncated")
    yield HostileFile("header_only.bmp", bmp(4, 5, 24, body)[:30], error="damaged")
    yield HostileFile("17_bits.bmp", bmp(4, 5, 17, body), error="damaged")
