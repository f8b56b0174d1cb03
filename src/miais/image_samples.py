"""The samples of a picture that Pillow has opened: at the full depth of the file, upright, alpha apart."""

import re
import struct
import sys
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, TiffImagePlugin

from miais.image_limits import ImageError, check_png_rows, opened

# Pillow decodes these to their high bytes only; the same file read in the other byte order gives the low bytes.
_SIXTEEN_BIT_COLOUR = re.compile(r"(RGB|RGBX|RGBA|CMYK);16[BLN]")
_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_PLAIN_MODES = {"1": "L", "La": "LA", "P": "RGB", "PA": "RGBA", "RGBX": "RGB", "YCbCr": "RGB"}
_BITS, _PHOTOMETRIC, _ORIENTATION, _PLANAR, _SAMPLE_FORMAT = 258, 262, 274, 284, 339


class Samples(NamedTuple):
    """The samples of one picture.

    Attributes:
        colour: Grey or RGB, shape (H, W, 1) or (H, W, 3), range [0, full].
        full: The sample that means 1.0: 255, 4095, 65535, or 1 for floats.
        alpha: Opacity, shape (H, W, 1), float32, range [0, 1]; None if every pixel is opaque.
        notes: What was left out, in words for the user.
    """

    colour: NDArray[Any]
    full: int
    alpha: NDArray[np.float32] | None
    notes: tuple[str, ...]


def read_samples(image: ImageFile.ImageFile, data: bytes, source: str, *, upright: bool = True) -> Samples:
    """Decode an opened picture at its full depth, which Pillow's own modes do not keep.

    Args:
        image: The picture as `opened` yields it; to be called within that block.
        data: The whole file; 16-bit colour is decoded from it a second time.
        source: What to call it in messages.
        upright: Whether to turn it as its EXIF orientation says; otherwise rows are those of the file.

    Returns:
        Its samples.

    Raises:
        ImageError: If rows, strips or palette entries are missing, or the samples have no agreed scale.
    """
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        _check_tiff_layout(image, source)
    values, bands, full = _decode(image, data, source)
    if isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(_PHOTOMETRIC, 0) == 0 and full != 255:
        values = full - values  # Zero is white; Pillow minds that for 8-bit samples only.

    alpha = None
    if bands in ("LA", "RGBA"):
        values, alpha = values[..., :-1], values[..., -1:].astype(np.float32) / np.float32(full)
    elif bands in ("L", "RGB") and "transparency" in image.info:
        # The key counts in the file's own levels; Pillow has stretched samples below 8 bits.
        levels = 2 ** data[24] - 1
        key = np.minimum(image.info["transparency"], levels) * (full // levels)
        alpha = (values != key).any(axis=-1, keepdims=True).astype(np.float32)
    elif bands == "CMYK":
        ink = values.astype(np.float32) / np.float32(full)
        values, full = (1 - ink[..., :3]) * (1 - ink[..., 3:]), 1
    if alpha is not None and alpha.min() == 1:
        alpha = None

    notes = []
    if image.format == "MPO":
        notes.append("it holds several pictures; the first, which viewers show, was read")
    try:
        orientation = _orientation(image.info.get("exif", b"")) if upright else 1
    except struct.error:
        orientation = 1
        notes.append("its EXIF block is damaged; it was taken as upright")
    if alpha is not None:
        alpha = _upright(alpha, orientation)
    return Samples(_upright(values, orientation), full, alpha, tuple(notes))


def _decode(image: ImageFile.ImageFile, data: bytes, source: str) -> tuple[NDArray[Any], str, int]:
    """Return the samples, shape (H, W, C), the name of their bands, and the sample that means 1.0."""
    codec, rawmode = _codec(image)
    if rawmode == "LA;16B":
        _set_rawmode(image, "RGBA")  # Two bands of two bytes, as four bands of one.
    elif codec == "libtiff" and image.mode == "F":
        _set_rawmode(image, "F;32NF")  # Pillow forgets that libtiff has already swapped the bytes.
    image.load()
    last_row = image.crop((0, image.height - 1, image.width, image.height))
    if image.format == "PNG" and (image.info.get("interlace") or last_row.getbbox() is None):
        check_png_rows(data, source)

    if rawmode == "LA;16B":
        return np.asarray(image).view(">u2").astype(np.uint16), "LA", 65535
    if _SIXTEEN_BIT_COLOUR.fullmatch(rawmode):
        with opened(data, source) as again:
            _set_rawmode(again, rawmode[:-1] + _OTHER_ORDER[rawmode[-1]])
            low = np.asarray(again)
        return np.asarray(image).astype(np.uint16) * 256 + low, image.mode, 65535
    if image.mode.startswith("I;16"):
        return np.asarray(image)[..., None].astype(np.uint16), "L", 4095 if rawmode == "I;12" else 65535
    if image.mode == "F":
        return _checked_floats(np.asarray(image)[..., None], source), "L", 1
    if image.mode == "P":
        _check_palette(image, source)
    mode = "RGBA" if image.mode == "P" and "transparency" in image.info else _PLAIN_MODES.get(image.mode, image.mode)
    if mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        raise ImageError(f"{source}: expected 8- or 16-bit grey, RGB or CMYK, got Pillow's mode {mode}; save it as PNG")
    values = np.asarray(image if mode == image.mode else image.convert(mode))
    return values.reshape(*values.shape[:2], -1), mode, 255


def _codec(image: ImageFile.ImageFile) -> tuple[str, str]:
    """Return Pillow's names of the decoder and of the layout of the file's samples; empty where it has none (WebP)."""
    if not image.tile:
        return "", ""
    name, _, _, arguments = image.tile[0]
    return name, arguments if isinstance(arguments, str) else str((arguments or ("",))[0])


def _set_rawmode(image: ImageFile.ImageFile, rawmode: str) -> None:
    image.tile = [
        tile._replace(args=rawmode if isinstance(tile.args, str) else (rawmode, *(tile.args or ())[1:]))
        for tile in image.tile
    ]


def _check_tiff_layout(image: TiffImagePlugin.TiffImageFile, source: str) -> None:
    """Refuse what Pillow decodes to wrong or missing pixels without a word."""
    tags = image.tag_v2
    planar = tags.get(_PLANAR, 1) == 2
    if (planar and max(tags.get(_BITS, (1,))) > 8) or 2 in tags.get(_SAMPLE_FORMAT, ()):
        raise ImageError(f"{source}: signed samples and 16-bit planes in a TIFF are not supported; save it as PNG")
    if _codec(image)[0] == "raw":
        boxes = (tile.extents or (0, 0, 0, 0) for tile in image.tile)
        covered = sum((right - left) * (bottom - top) for left, top, right, bottom in boxes)
        if covered != image.width * image.height * (len(image.getbands()) if planar else 1):
            raise ImageError(f"{source}: the TIFF is damaged, its strips or tiles do not cover the picture exactly")


def _check_palette(image: Image.Image, source: str) -> None:
    colours, (_, highest) = len(image.getpalette() or ()) // 3, image.getextrema()
    if isinstance(highest, (int, float)) and highest >= colours:
        raise ImageError(
            f"{source}: the palette is damaged, it has {colours} colours and a pixel uses number {highest}"
        )


def _checked_floats(values: NDArray[np.float32], source: str) -> NDArray[np.float32]:
    if not np.isfinite(values).all():
        raise ImageError(f"{source}: the float samples hold NaN or infinity; save the picture as 16-bit PNG")
    if values.min() < 0 or values.max() > 1:
        found = f"{values.min():g} to {values.max():g}"
        raise ImageError(f"{source}: expected float samples in [0, 1], got {found}; rescale them or save as 16-bit PNG")
    return values


def _orientation(exif: bytes) -> int:
    """Read one tag; Pillow's EXIF reader also follows whatever else the block claims to hold."""
    block = exif.removeprefix(b"Exif\0\0") if isinstance(exif, bytes) else b""
    if not block:
        return 1
    order = "<" if block.startswith(b"II") else ">"
    (directory,) = struct.unpack_from(order + "4xI", block)
    (entries,) = struct.unpack_from(order + "H", block, directory)
    for index in range(entries):
        tag, _, _, value = struct.unpack_from(order + "HHIH", block, directory + 2 + 12 * index)
        if tag == _ORIENTATION:
            return int(value)
    return 1


def _upright(values: NDArray[Any], orientation: int) -> NDArray[Any]:
    if orientation in (5, 6, 7, 8):
        values = values.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    return np.array(values)  # A copy in the usual order, writable unlike Pillow's own memory.
