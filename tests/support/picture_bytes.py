"""Picture files built byte by byte, so that tests know every sample without asking a decoder."""

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_chunk(name: bytes, body: bytes = b"", checksum_error: int = 0) -> bytes:
    checksum = zlib.crc32(name + body) ^ checksum_error
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def png_header(width: int, height: int, depth: int = 8, kind: int = 2, interlaced: int = 0) -> bytes:
    return PNG_SIGNATURE + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced))


def png_rows(samples: NDArray[np.integer], depth: int) -> bytes:
    """Filter type 0 rows of samples (H, W, C)."""
    height = samples.shape[0]
    if depth == 16:
        body = samples.astype(">u2").reshape(height, -1).view(np.uint8)
    elif depth == 8:
        body = samples.astype(np.uint8).reshape(height, -1)
    else:
        bits = np.unpackbits(samples.astype(np.uint8).reshape(height, -1, 1), axis=-1)[..., 8 - depth :]
        body = np.packbits(bits.reshape(height, -1), axis=-1)
    return b"".join(b"\0" + row.tobytes() for row in body)


def png_body(samples: NDArray[np.integer], depth: int, interlaced: bool) -> bytes:
    """The rows of samples (H, W, C), in seven passes if interlaced."""
    if not interlaced:
        return png_rows(samples, depth)
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    parts = [samples[row::rows, column::columns] for row, column, rows, columns in passes]
    return b"".join(png_rows(part, depth) for part in parts if part.size)


def png(samples: NDArray[np.integer], depth: int, kind: int, *extra: bytes, interlaced: bool = False) -> bytes:
    """A PNG of samples (H, W, C) with extra chunks between header and pixels."""
    height, width = samples.shape[:2]
    header = png_header(width, height, depth, kind, int(interlaced)) + b"".join(extra)
    return header + png_chunk(b"IDAT", zlib.compress(png_body(samples, depth, interlaced))) + png_chunk(b"IEND")


def saved(samples: NDArray[np.uint8], file_format: str, mode: str | None = None, **options: object) -> bytes:
    """What Pillow writes."""
    buffer = io.BytesIO()
    image = Image.fromarray(samples)
    (image.convert(mode) if mode else image).save(buffer, file_format, **options)
    return buffer.getvalue()


def exif(orientation: int) -> bytes:
    """A big-endian EXIF block whose only entry is the orientation."""
    return b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + b"\0\0\0\0"


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """Insert a segment at the start of a JPEG."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + jpeg[2:]


def without_segment(jpeg: bytes, marker: int) -> bytes:
    """Remove the first segment of this marker from a JPEG."""
    position = jpeg.index(bytes((0xFF, marker)))
    return jpeg[:position] + jpeg[position + 2 + int.from_bytes(jpeg[position + 2 : position + 4], "big") :]


def bmp(width: int, height: int, bits: int, body: bytes, palette: bytes = b"", compression: int = 0) -> bytes:
    """A BMP with the 40-byte header; rows are bottom-up unless `height` is negative."""
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(body), 0, 0, len(palette) // 4, 0)
    start = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + info + palette + body


def tiff(
    strips: Sequence[bytes],
    width: int,
    height: int,
    bits: Sequence[int] = (8,),
    tags: dict[int, Sequence[int]] | None = None,
    order: str = "<",
) -> bytes:
    """A one-page TIFF, grey (or RGB, where there are three samples) unless `tags` says otherwise.

    `tags` adds or replaces entries; the key -1 sets the offset of the next page.
    """
    values: dict[int, Sequence[int]] = {
        256: [width],
        257: [height],
        258: bits,
        259: [1],
        262: [2 if len(bits) == 3 else 1],
        273: [0] * len(strips),
        277: [len(bits)],
        278: [-(-height // len(strips))],
        279: [len(strip) for strip in strips],
    }
    values.update(tags or {})
    (next_page,) = values.pop(-1, [0])
    long_tags = (256, 257, 273, 278, 279)
    offset = 8 + 2 + 12 * len(values) + 4
    position = offset + sum(
        size for tag, value in values.items() if (size := len(value) * (4 if tag in long_tags else 2)) > 4
    )
    if 273 not in (tags or {}):
        values[273] = [position + sum(map(len, strips[:index])) for index in range(len(strips))]
    entries, outside = b"", b""
    for tag in sorted(values):
        kind, code = (4, "I") if tag in long_tags else (3, "H")
        packed = struct.pack(f"{order}{len(values[tag])}{code}", *values[tag])
        if len(packed) > 4:
            entries += struct.pack(order + "HHII", tag, kind, len(values[tag]), offset + len(outside))
            outside += packed
        else:
            entries += struct.pack(order + "HHI", tag, kind, len(values[tag])) + packed.ljust(4, b"\0")
    header = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(values))
    return header + entries + struct.pack(order + "I", next_page) + outside + b"".join(strips)
