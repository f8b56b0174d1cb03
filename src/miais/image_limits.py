"""What a file must satisfy before its pixels are decoded: size, format, structure, pixel count, a single frame.

Decoders trust what a file says about itself. The checks here come first; they cost little on an honest file.
No setting of Pillow is changed.

References:
    PNG: https://www.w3.org/TR/png-3/ , JPEG: ITU-T T.81, annex B, TIFF: Adobe TIFF 6.0, section 2.
    Commander and Markham, Two Issues with the JPEG Standard, 2016: why progressive scans are counted.
"""

import io
import re
import stat
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageFile

MAX_FILE_BYTES = 64 * 2**20
MAX_PIXELS = 50_000_000
# Far above any honest file. Pillow spends microseconds on a part, a decoder up to 40 ms on a scan of 50 megapixels.
MAX_PARTS = 100_000
MAX_SCANS = 100

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
_SIGNATURE = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF....WEBP|BM|II[*+]\0|MM\0[*+]", re.DOTALL)
# Column and row of the first pixel, column and row step, of each of the seven passes of an interlaced PNG.
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
# Pillow's plugins let all of these escape on damaged files.
_DECODER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
)


class ImageError(ValueError):
    """A file or tensor is not a picture this project can use; the text says why and what to do."""


class ImageWarning(UserWarning):
    """A picture was read, but something that its file holds was left out or flattened."""


def read_file(path: str | Path) -> bytes:
    """Read a file that nobody has checked, and no more of it than a picture may have.

    Args:
        path: A regular file.

    Returns:
        Its bytes; of one that is too large as many as show that.

    Raises:
        FileNotFoundError: If there is no such file.
        ImageError: If it is a folder, pipe or device, or cannot be read.
    """
    path = Path(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # A pipe could block for ever, a device never end.
            raise ImageError(f"{path}: expected a picture file, got a folder, pipe or device")
        with path.open("rb") as file:
            return file.read(min(status.st_size, MAX_FILE_BYTES) + 1)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path}: no such file; check the path") from error
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error


@contextmanager
def opened(data: bytes, source: str, *, max_pixels: int = MAX_PIXELS) -> Iterator[ImageFile.ImageFile]:
    """Open a picture from bytes nobody has checked; an error of the decoder inside the block becomes an `ImageError`.

    Args:
        data: A whole file.
        source: What to call it in messages, usually its path.
        max_pixels: Most pixels that it may have.

    Yields:
        The picture, its header read and its pixels not yet: one frame, of at most that many pixels.

    Raises:
        ImageError: If the file is empty, too large, of another format, damaged, an animation or a decompression bomb.
    """
    _check_bytes(data, source)
    try:
        with warnings.catch_warnings():
            # Pillow warns of damaged metadata, which is not used, and of large pictures, which are refused below.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check_header(image, source, max_pixels)
                yield image
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageError(_pixel_limit_text(source, max_pixels, "several times as many")) from error
    except _DECODER_ERRORS as error:
        detail = "" if isinstance(error, Image.UnidentifiedImageError) else f" ({error})"
        raise ImageError(
            f"{source}: the file is damaged, truncated or of an unsupported kind{detail}; "
            "get an intact copy, or open it in an image editor and save it as an 8-bit PNG"
        ) from error


def check_png_rows(data: bytes, source: str) -> None:
    """Refuse a PNG whose compressed stream ends before the last row; Pillow silently leaves such rows black.

    Args:
        data: A PNG file whose chunks are intact.
        source: What to call it in messages.

    Raises:
        ImageError: If rows are missing.
    """
    width, height, depth, kind, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    missing = 0
    for column, row, step_x, step_y in _ADAM7 if interlaced else ((0, 0, 1, 1),):
        columns, rows = -((column - width) // step_x), -((row - height) // step_y)
        missing += rows * (1 + (columns * bits + 7) // 8) if columns > 0 and rows > 0 else 0
    inflate = zlib.decompressobj()
    for name, body in _png_chunks(data, source):
        pending = bytes(body) if name == b"IDAT" else b""
        while pending and missing > 0:
            missing -= len(inflate.decompress(pending, 2**20))
            pending = inflate.unconsumed_tail
    if missing > 0:
        raise ImageError(f"{source}: the PNG is truncated, its last {missing} bytes of pixels are missing")


def _check_bytes(data: bytes, source: str) -> None:
    if not data:
        raise ImageError(f"{source}: expected a picture, got an empty file")
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(f"{source}: expected at most {MAX_FILE_BYTES >> 20} MiB, got more; scale the picture down")
    if not _SIGNATURE.match(data):
        raise ImageError(
            f"{source}: expected a PNG, JPEG, WebP, BMP or TIFF picture, got a file that starts with {data[:8]!r}; "
            "convert it to PNG"
        )
    if data.startswith(b"\x89PNG"):
        for _ in _png_chunks(data, source):
            pass
    elif data.startswith(b"\xff\xd8"):
        _check_jpeg(data, source)
    elif data.startswith((b"II", b"MM")):
        _check_tiff(data, source)


def _check_header(image: ImageFile.ImageFile, source: str, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise ImageError(_pixel_limit_text(source, max_pixels, f"{width}x{height}"))
    frames = getattr(image, "n_frames", 1)
    # A phone's JPEG may carry a preview or a depth map as further pictures (format MPO); the first is the photograph.
    if frames > 1 and image.format != "MPO":
        raise ImageError(_frame_text(source, frames))
    if image.format == "BMP" and image.info["compression"] in (1, 2):
        raise ImageError(f"{source}: run-length compressed BMP is not supported; save it as PNG")


def _png_chunks(data: bytes, source: str) -> Iterator[tuple[bytes, memoryview]]:
    """Yield name and body of each chunk up to IEND, its checksum verified, which Pillow omits for pixels."""
    position, view = 8, memoryview(data)
    for _ in range(MAX_PARTS):
        try:
            length, name = struct.unpack_from(">I4s", data, position)
            end = position + 8 + length
            (checksum,) = struct.unpack_from(">I", data, end)
        except struct.error as error:
            raise ImageError(f"{source}: the PNG is truncated, it ends before its IEND chunk") from error
        if zlib.crc32(view[position + 4 : end]) != checksum:
            raise ImageError(f"{source}: the PNG is damaged, chunk {name!r} has a wrong checksum; get an intact copy")
        yield name, view[position + 8 : end]
        if name == b"IEND":
            return
        position = end + 4
    raise ImageError(f"{source}: the PNG has more than {MAX_PARTS} chunks; save it anew")


def _check_jpeg(data: bytes, source: str) -> None:
    position, progressive = 2, False
    for _ in range(MAX_PARTS):
        prefix, marker = data[position : position + 1], data[position + 1 : position + 2]
        if not marker:
            raise ImageError(f"{source}: the JPEG is truncated, it ends before its first scan")
        if marker == b"\xda" and prefix == b"\xff":
            break
        if prefix != b"\xff" or marker in b"\x00\xff":
            position += 1  # padding
        elif b"\xd0" <= marker <= b"\xd9":
            position += 2  # these markers have no body
        else:
            progressive |= marker in b"\xc2\xc6\xca\xce"
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    else:
        raise ImageError(f"{source}: the JPEG has more than {MAX_PARTS} segments; save it anew")
    if progressive and data.count(b"\xff\xda", position) > MAX_SCANS:
        raise ImageError(f"{source}: the progressive JPEG has more than {MAX_SCANS} scans; save it anew")


def _check_tiff(data: bytes, source: str) -> None:
    """Bound the pieces of the first page and count the pages, which Pillow does in quadratic time."""
    order, big = ("<" if data.startswith(b"II") else ">"), 43 in data[2:4]
    count_code, entry_code, offset_code = ("Q", "HHQQ", "Q") if big else ("H", "HHII", "I")
    entry_size = struct.calcsize(order + entry_code)
    pages: set[int] = set()
    try:
        (page,) = struct.unpack_from(order + offset_code, data, 8 if big else 4)
        while page and page not in pages and len(pages) < MAX_PARTS:
            (entries,) = struct.unpack_from(order + count_code, data, page)
            first = page + struct.calcsize(order + count_code)
            last = first + entries * entry_size
            parts = [entries]
            if not pages and entries <= MAX_PARTS:
                fields = struct.iter_unpack(order + entry_code, data[first:last])
                parts += [count for tag, _, count, _ in fields if tag in (273, 324)]
            if max(parts) > MAX_PARTS:
                raise ImageError(f"{source}: the TIFF has more than {MAX_PARTS} entries, strips or tiles; save it anew")
            pages.add(page)
            (page,) = struct.unpack_from(order + offset_code, data, last)
    except (struct.error, OverflowError) as error:
        raise ImageError(f"{source}: the TIFF is damaged or truncated, its directory is incomplete") from error
    if len(pages) > 1:
        raise ImageError(_frame_text(source, len(pages)))


def _pixel_limit_text(source: str, max_pixels: int, got: str) -> str:
    return f"{source}: expected at most {max_pixels / 1e6:g} megapixels, got {got}; scale the picture down"


def _frame_text(source: str, frames: int) -> str:
    return f"{source}: expected one frame, got {frames}; save the frame that you want as a PNG"
