"""PNG files: damaged ones, and every depth, colour type and oddity the format has."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from support.hostile_file import (
    ALPHA,
    COMPOSITED,
    GREY,
    GREY16,
    RGB,
    RGB16,
    HostileFile,
    on_white,
    quadrants,
    stored_for,
)
from support.picture_bytes import PNG_SIGNATURE, exif, png, png_body, png_chunk, png_header, png_rows


def broken_png_files() -> Iterator[HostileFile]:
    whole = png(RGB, 8, 2)
    header, end = png_header(4, 5), png_chunk(b"IEND")
    packed = zlib.compress(png_rows(RGB, 8))
    six_passes = png_body(RGB, 8, interlaced=True)[:-26]
    interlaced = png_header(4, 5, interlaced=1) + png_chunk(b"IDAT", zlib.compress(six_passes)) + end
    broken = {
        "signature_only": (PNG_SIGNATURE, "truncated"),
        "cut_in_header": (whole[:20], "truncated"),
        "cut_in_pixels": (whole[:60], "truncated"),
        "cut_before_end": (whole[:-12], "truncated"),
        "cut_last_byte": (whole[:-1], "truncated"),
        "header_checksum": (PNG_SIGNATURE + png_chunk(b"IHDR", header[16:29], 1) + whole[33:], "wrong checksum"),
        "pixel_checksum": (header + png_chunk(b"IDAT", packed, 1) + end, "wrong checksum"),
        "text_checksum": (header + png_chunk(b"tEXt", b"a\0b", 1) + whole[33:], "wrong checksum"),
        "stream_checksum": (header + png_chunk(b"IDAT", packed[:-1] + b"\0") + end, "damaged"),
        "stream_garbage": (header + png_chunk(b"IDAT", b"no zlib stream here") + end, "damaged"),
        "filter_type_9": (header + png_chunk(b"IDAT", zlib.compress(b"\x09" * 65)) + end, "damaged"),
        "rows_missing": (header + png_chunk(b"IDAT", zlib.compress(png_rows(RGB, 8)[:26])) + end, "last 39 bytes"),
        "half_a_row_missing": (header + png_chunk(b"IDAT", zlib.compress(png_rows(RGB, 8)[:-6])) + end, "truncated"),
        "interlaced_rows_missing": (interlaced, "last 26 bytes"),
        "no_pixels": (header + end, "damaged"),
        "no_header": (PNG_SIGNATURE + whole[33:], "damaged"),
        "bomb": (png_header(50_000, 50_000) + whole[33:], "at most 50 megapixels"),
        "bomb_pillow_warns_of": (png_header(10_000, 10_000) + whole[33:], "got 10000x10000"),
        "just_too_large": (png_header(10_000, 5_001, 1, 0) + whole[33:], "got 10000x5001"),
        "no_width": (png_header(0, 5) + whole[33:], "damaged"),
        "negative_width": (png_header(2**32 - 4, 5) + whole[33:], "at most 50 megapixels"),
        "depth_3": (png_header(4, 5, depth=3) + whole[33:], "damaged"),
        "colour_type_5": (png_header(4, 5, kind=5) + whole[33:], "damaged"),
        "palette_missing": (png(GREY, 8, 3), "palette has 0 colours|it has 0 colours"),
        "palette_short": (
            png(GREY * 0 + 2, 8, 3, png_chunk(b"PLTE", bytes(6))),
            "has 2 colours and a pixel uses number 2",
        ),
        "text_bomb": (png(RGB, 8, 2, png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**26)))), "too large"),
        "profile_bomb": (png(RGB, 8, 2, png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(2**26)))), "too large"),
        "many_chunks": (png(RGB, 8, 2, png_chunk(b"tEXt") * 100_001), "more than 100000 chunks"),
        "three_frames": (_apng(3), "expected one frame, got 3"),
    }
    for name, (data, error) in broken.items():
        yield HostileFile(f"{name}.png", data, error=error)


def odd_png_files() -> Iterator[HostileFile]:
    """What few programs write and every reader must understand."""
    for maker in (_depths, _alphas, _palettes, _sizes, _extras):
        yield from maker()


def _depths() -> Iterator[HostileFile]:
    random = np.random.default_rng(5)
    for depth in (1, 2, 4):
        levels = random.integers(0, 2**depth, (5, 11, 1))
        values = levels / (2**depth - 1)
        yield HostileFile(f"grey_{depth}_bit.png", png(levels, depth, 0), pixels=values)
        key = png_chunk(b"tRNS", struct.pack(">H", 1))
        keyed = np.where(levels == 1, 1.0, values)
        # With one bit, the transparent colour is white already; it is still flattened, and said.
        yield HostileFile(f"grey_{depth}_bit_key.png", png(levels, depth, 0, key), pixels=keyed, warning=COMPOSITED)
    level = GREY16[2, 1, 0]
    key = struct.pack(">H", level)
    keyed = np.where(np.equal(GREY16, level), 1.0, GREY16 / 65535)
    yield HostileFile("grey_16_bit.png", png(GREY16, 16, 0), pixels=GREY16 / 65535)
    yield HostileFile(
        "grey_16_bit_key.png", png(GREY16, 16, 0, png_chunk(b"tRNS", key)), pixels=keyed, warning=COMPOSITED
    )
    yield HostileFile("rgb_16_bit.png", png(RGB16, 16, 2), pixels=RGB16 / 65535)
    # The neighbour differs from the key in one low byte only.
    near = RGB16.copy()
    near[0, 0], near[0, 1] = (0x1234, 0x5678, 0x9ABC), (0x1234, 0x5678, 0x9ABD)
    keyed = near / 65535
    keyed[0, 0] = 1
    key = struct.pack(">3H", *near[0, 0])
    yield HostileFile("rgb_16_bit_key.png", png(near, 16, 2, png_chunk(b"tRNS", key)), pixels=keyed, warning=COMPOSITED)


def _alphas() -> Iterator[HostileFile]:
    random = np.random.default_rng(5)
    for kind, name, colour in ((4, "grey", GREY), (6, "rgb", RGB)):
        flat = on_white(colour / 255, ALPHA / 255)
        data = png(np.concatenate([colour, ALPHA], -1), 8, kind)
        yield HostileFile(f"{name}_alpha.png", data, pixels=flat, warning=COMPOSITED)
        opaque = np.concatenate([colour, ALPHA * 0 + 255], -1)
        yield HostileFile(f"{name}_alpha_opaque.png", png(opaque, 8, kind), pixels=colour / 255)
    for kind, name, colour in ((4, "grey", GREY16), (6, "rgb", RGB16)):
        alpha = random.integers(0, 65536, (5, 4, 1))
        flat = on_white(colour / 65535, alpha / 65535)
        data = png(np.concatenate([colour, alpha], -1), 16, kind)
        yield HostileFile(f"{name}_alpha_16_bit.png", data, pixels=flat, warning=COMPOSITED)
    colour = RGB[3, 2]
    key = png_chunk(b"tRNS", struct.pack(">3H", *colour))
    keyed = np.where(np.equal(RGB, colour).all(-1, keepdims=True), 1.0, RGB / 255)
    yield HostileFile("rgb_key.png", png(RGB, 8, 2, key), pixels=keyed, warning=COMPOSITED)


def _palettes() -> Iterator[HostileFile]:
    random = np.random.default_rng(5)
    for depth in (1, 2, 4, 8):
        palette = random.integers(0, 256, (2**depth, 3))
        index = random.integers(0, 2**depth, (5, 11, 1))
        plte = png_chunk(b"PLTE", palette.astype(np.uint8).tobytes())
        yield HostileFile(f"palette_{depth}_bit.png", png(index, depth, 3, plte), pixels=palette[index[..., 0]] / 255)
    opacity = np.array([0, 128, 255, 7] + [255] * 12)
    palette, index = random.integers(0, 256, (16, 3)), random.integers(0, 16, (5, 11, 1))
    plte = png_chunk(b"PLTE", palette.astype(np.uint8).tobytes())
    for name, alphas in (("shades", opacity), ("one", np.where(np.arange(16) == 5, 0, 255))):
        flat = on_white(palette / 255, alphas[:, None] / 255)[index[..., 0]]
        data = png(index, 4, 3, plte, png_chunk(b"tRNS", bytes(alphas.tolist())))
        yield HostileFile(f"palette_transparent_{name}.png", data, pixels=flat, warning=COMPOSITED)


def _sizes() -> Iterator[HostileFile]:
    random = np.random.default_rng(5)
    rgb = RGB / 255
    wide = random.integers(0, 65536, (19, 21, 3))
    yield HostileFile("interlaced.png", png(wide // 256, 8, 2, interlaced=True), pixels=wide // 256 / 255)
    yield HostileFile("interlaced_16_bit.png", png(wide, 16, 2, interlaced=True), pixels=wide / 65535)
    yield HostileFile("interlaced_1_pixel.png", png(RGB[:1, :1], 8, 2, interlaced=True), pixels=rgb[:1, :1])
    yield HostileFile("black.png", png(RGB * 0, 8, 2), pixels=rgb * 0)
    large = np.zeros((1100, 1000, 1), dtype=int)
    yield HostileFile("black_large.png", png(large, 8, 0), pixels=large / 1.0)
    yield HostileFile("1x1.png", png(RGB[:1, :1], 8, 2), pixels=rgb[:1, :1])
    for height, width in ((1, 5000), (5000, 1)):
        long = random.integers(0, 256, (height, width, 3))
        yield HostileFile(f"{width}x{height}.png", png(long, 8, 2), pixels=long / 255)


def _extras() -> Iterator[HostileFile]:
    rgb = RGB / 255
    whole = png(RGB, 8, 2)
    harmless = {
        "long_text": png(RGB, 8, 2, png_chunk(b"tEXt", b"a\0" + b"b" * 2**21)),
        "bad_profile": png(RGB, 8, 2, png_chunk(b"iCCP", b"a\0\0nonsense")),
        "bad_packed_text": png(RGB, 8, 2, png_chunk(b"zTXt", b"a\0\0nonsense")),
        "exif_as_text": png(RGB, 8, 2, png_chunk(b"zTXt", b"exif\0\0" + zlib.compress(exif(6)))),
        "one_frame": _apng(1),
        "no_frames": png(RGB, 8, 2, png_chunk(b"acTL", bytes(8))),
        "trailing": whole + b"<script>" * 100,
        "named": whole,
    }
    for name, data in harmless.items():
        yield HostileFile(f"{name}.{'jpg' if name == 'named' else 'png'}", data, pixels=rgb)
    for orientation in (3, 6):
        data = png(stored_for(quadrants(), orientation), 8, 2, png_chunk(b"eXIf", exif(orientation)))
        yield HostileFile(f"turned_{orientation}.png", data, pixels=quadrants() / 255)


def _apng(frames: int) -> bytes:
    control = struct.pack(">5IHHBB", 0, 4, 5, 0, 0, 1, 10, 0, 0)
    whole = png(RGB, 8, 2, png_chunk(b"acTL", struct.pack(">II", frames, 0)), png_chunk(b"fcTL", control))
    packed = zlib.compress(png_rows(RGB, 8))
    for index in range(1, frames):
        control = struct.pack(">5IHHBB", 2 * index - 1, 4, 5, 0, 0, 1, 10, 0, 0)
        frame = png_chunk(b"fcTL", control) + png_chunk(b"fdAT", struct.pack(">I", 2 * index) + packed)
        whole = whole[:-12] + frame + whole[-12:]
    return whole
