"""TIFF files: damaged ones, and the depths, byte orders and compressions that decoders get wrong."""

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image
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
from support.picture_bytes import (
    saved,
    tiff,
)


def broken_tiff_files() -> Iterator[HostileFile]:
    grey, floats = GREY[..., 0], GREY[..., 0] / 255
    body = grey.astype(np.uint8).tobytes()
    whole = _tiff_grey("u1", grey)
    with_nan, with_infinity = floats.copy(), floats.copy()
    with_nan[1, 1], with_infinity[1, 1] = np.nan, np.inf
    planes = [plane.astype("<u2").tobytes() for plane in np.moveaxis(RGB16, -1, 0)]
    pages = io.BytesIO()
    three = [Image.new("L", (4, 4), level) for level in (1, 2, 3)]
    three[0].save(pages, "TIFF", save_all=True, append_images=three[1:])
    lab = RGB.astype(np.uint8).tobytes()
    broken = {
        "nan": (_tiff_grey("<f4", with_nan), "NaN or infinity"),
        "infinity": (_tiff_grey("<f4", with_infinity), "NaN or infinity"),
        "float_255": (_tiff_grey("<f4", GREY[..., 0]), r"expected float samples in \[0, 1\]"),
        "int_32": (_tiff_grey("<u4", grey), "expected 8- or 16-bit"),
        "signed_16": (_tiff_grey("<i2", grey), "signed samples"),
        "signed_8": (_tiff_grey("i1", grey // 2), "signed samples"),
        "double": (_tiff_grey("<f8", floats), "unsupported kind"),
        "lab": (tiff([lab], 4, 5, [8, 8, 8], {262: [8]}), "got Pillow's mode LAB"),
        "planes_16": (tiff(planes, 4, 5, [16] * 3, {284: [2], 278: [5]}), "16-bit planes"),
        "three_pages": (pages.getvalue(), "expected one frame, got 3"),
        "many_pages": (_empty_pages(60_000), "expected one frame, got 60000"),
        "header_only": (whole[:8], "damaged or truncated"),
        "directory_outside": (whole[:4] + b"\xff\xff\xff\x7f" + whole[8:], "damaged or truncated"),
        "cut_in_directory": (whole[:60], "damaged or truncated"),
        "cut_in_pixels": (whole[:-3], "truncated"),
        "strip_missing": (tiff([body[:8]], 4, 5, tags={278: [2]}), "do not cover"),
        "strip_outside": (tiff([body], 4, 5, tags={273: [10**6]}), "truncated"),
        "no_strips": (whole.replace(struct.pack("<HH", 273, 4), struct.pack("<HH", 272, 4)), "damaged"),
        "rows_per_strip_0": (tiff([body], 4, 5, tags={278: [0]}), "damaged"),
        "packed_strip_missing": (tiff([zlib.compress(body[:8])], 4, 5, tags={259: [8], 278: [2]}), "damaged"),
        "packed_strip_short": (tiff([zlib.compress(body[:10])], 4, 5, tags={259: [8]}), "damaged"),
        "packed_garbage": (tiff([b"nonsense" * 4], 4, 5, tags={259: [8]}), "damaged"),
        "compression_50002": (tiff([body], 4, 5, tags={259: [50002]}), "unsupported kind"),
        "bomb": (tiff([body], 60_000, 60_000), "at most 50 megapixels"),
        "no_width": (tiff([body], 0, 5), "damaged"),
        "many_strips": (
            tiff([body], 4, 5, tags={273: [8] * 100_001, 278: [1]}),
            "more than 100000 entries, strips or tiles",
        ),
        "next_page_outside": (tiff([body], 4, 5, tags={-1: [10**6]}), "damaged or truncated"),
    }
    for name, (data, error) in broken.items():
        yield HostileFile(f"{name}.tiff", data, error=error)


def odd_tiff_files() -> Iterator[HostileFile]:
    random = np.random.default_rng(5)
    grey, grey16, rgb = GREY[..., 0], GREY16[..., 0], RGB.astype(np.uint8).tobytes()
    black_first, white_first, packed = {262: [1]}, {262: [0]}, {259: [8]}
    for order in "<>":
        name = {"<": "little", ">": "big"}[order]
        for pack in ({}, packed):
            suffix = f"{name}{'_packed' if pack else ''}.tiff"
            data = _tiff_grey(f"{order}u2", grey16, tags=pack)
            yield HostileFile(f"grey_16_{suffix}", data, pixels=GREY16 / 65535)
            data = _tiff_grey(f"{order}f4", grey16 / 65535, tags=pack)
            yield HostileFile(f"float_{suffix}", data, pixels=GREY16 / 65535)
            body = RGB16.astype(f"{order}u2").tobytes()
            data = tiff([zlib.compress(body) if pack else body], 4, 5, [16] * 3, pack, order)
            yield HostileFile(f"rgb_16_{suffix}", data, pixels=RGB16 / 65535)
    yield HostileFile("grey.tiff", _tiff_grey("u1", grey, tags=black_first), pixels=GREY / 255)
    yield HostileFile("white_is_zero.tiff", _tiff_grey("u1", grey, tags=white_first), pixels=1 - GREY / 255)
    yield HostileFile("white_is_zero_16.tiff", _tiff_grey("<u2", grey16, tags=white_first), pixels=1 - GREY16 / 65535)
    yield HostileFile(
        "white_is_zero_float.tiff", _tiff_grey("<f4", grey / 255, tags=white_first), pixels=1 - GREY / 255
    )
    # Two 12-bit samples in three bytes.
    yield HostileFile("grey_12.tiff", tiff([b"\xff\xf8\x00"], 2, 1, [12]), pixels=np.array([[[4095], [2048]]]) / 4095)
    yield HostileFile("rgb.tiff", tiff([rgb], 4, 5, [8] * 3), pixels=RGB / 255)
    planes = [plane.astype(np.uint8).tobytes() for plane in np.moveaxis(RGB, -1, 0)]
    yield HostileFile("planes.tiff", tiff(planes, 4, 5, [8] * 3, {284: [2], 278: [5]}), pixels=RGB / 255)
    strips = [rgb[:24], rgb[24:48], rgb[48:]]
    yield HostileFile("three_strips.tiff", tiff(strips, 4, 5, [8] * 3, {278: [2]}), pixels=RGB / 255)
    for kind in ("tiff_lzw", "packbits", "tiff_adobe_deflate"):
        data = saved(RGB.astype(np.uint8), "TIFF", compression=kind)
        yield HostileFile(f"{kind}.tiff", data, pixels=RGB / 255)
    data = saved(quadrants(), "TIFF", compression="jpeg", quality=95)
    yield HostileFile("jpeg_inside.tiff", data, pixels=quadrants() / 255, tolerance=8 / 255)
    data = saved(np.concatenate([RGB, ALPHA], -1).astype(np.uint8), "TIFF")
    yield HostileFile("alpha.tiff", data, pixels=on_white(RGB / 255, ALPHA / 255), warning=COMPOSITED)
    wide = np.concatenate([RGB16, ALPHA * 257], -1).astype("<u2").tobytes()
    data = tiff([wide], 4, 5, [16] * 4, {262: [2], 338: [2]})
    yield HostileFile("alpha_16.tiff", data, pixels=on_white(RGB16 / 65535, ALPHA / 255), warning=COMPOSITED)
    for bits, full in ((8, 255), (16, 65535)):
        ink = random.integers(0, full + 1, (5, 4, 4))
        data = tiff([ink.astype(f"<u{bits // 8}").tobytes()], 4, 5, [bits] * 4, {262: [5]})
        expected = (1 - ink[..., :3] / full) * (1 - ink[..., 3:] / full)
        yield HostileFile(f"cmyk_{bits}.tiff", data, pixels=expected)
    yield HostileFile("palette.tiff", *_tiff_palette())
    data = tiff([stored_for(quadrants(), 6).tobytes()], 32, 48, [8] * 3, {274: [6]})
    yield HostileFile("turned_6.tiff", data, pixels=quadrants() / 255)
    yield HostileFile("loop.tiff", tiff([grey.astype(np.uint8).tobytes()], 4, 5, tags={-1: [8]}), pixels=GREY / 255)
    big = io.BytesIO()
    Image.fromarray(grey.astype(np.uint8)).save(big, "TIFF", big_tiff=True)
    yield HostileFile("big.tiff", big.getvalue(), pixels=GREY / 255)
    bits = np.packbits(grey > 127, axis=-1).tobytes()
    yield HostileFile("1_bit.tiff", tiff([bits], 4, 5, [1]), pixels=(GREY > 127) / 1.0)


def _tiff_grey(dtype: str, values: NDArray[np.generic], **options: object) -> bytes:
    array = np.asarray(values).astype(dtype)
    tags = {339: [{"u": 1, "i": 2, "f": 3}[array.dtype.kind]], **options.pop("tags", {})}
    body = array.tobytes()
    strip = zlib.compress(body) if tags.get(259) == [8] else body
    order = ">" if dtype.startswith(">") else "<"
    bits = [8 * array.dtype.itemsize]
    return tiff([strip], array.shape[1], array.shape[0], bits, tags, order, **options)


def _empty_pages(count: int) -> bytes:
    pages = (struct.pack("<HI", 0, 8 + 6 * (index + 1) if index + 1 < count else 0) for index in range(count))
    return b"II*\0\x08\0\0\0" + b"".join(pages)


def _tiff_palette() -> tuple[bytes, None, NDArray[np.floating]]:
    palette, index = np.random.default_rng(6).integers(0, 256, (256, 3)), GREY[..., 0]
    data = tiff([index.astype(np.uint8).tobytes()], 4, 5, [8], {262: [3], 320: (palette.T * 257).ravel().tolist()})
    return data, None, palette[index] / 255
