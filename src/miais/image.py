"""The one path from a file to a tensor and back to an 8-bit lossless file.

Everything that reads or writes a picture does it here: training, evaluation, command line and service. A picture in
memory is float32 RGB in [0, 1]. Colour profiles are not applied; metadata is not kept.
"""

import contextlib
import io
import os
import uuid
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from miais.image_levels import as_float, from_uint8, quantize, to_uint8
from miais.image_limits import MAX_FILE_BYTES, MAX_PIXELS, ImageError, ImageWarning, opened, read_file
from miais.image_samples import read_samples

__all__ = [
    "ImageError",
    "ImageWarning",
    "Picture",
    "decode_image",
    "decode_picture",
    "encode_png",
    "from_uint8",
    "quantize",
    "read_image",
    "resize",
    "to_uint8",
    "write_png",
]

_COMPRESSION = 4
"""Of zlib: on photographs the files are as small as at its default 6, within 0.3%, in two thirds of the time."""


def read_image(path: str | Path) -> Tensor:
    """Read a picture from a file that nobody has checked.

    Args:
        path: A PNG, JPEG, WebP, BMP or TIFF file of one frame, at most 64 MiB and 50 megapixels; its content counts,
            not its name.

    Returns:
        RGB, shape (3, H, W), float32, range [0, 1], upright as its EXIF orientation says. Grey and palette become RGB,
        16-bit samples keep their depth, CMYK is converted without a profile, alpha is composited on white.

    Raises:
        FileNotFoundError: If there is no such file.
        ImageError: If it is not a regular readable file or not such a picture; see `decode_image`.

    Warns:
        ImageWarning: See `decode_image`.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "grey.png"
        >>> write_png(path, torch.full((3, 4, 6), 0.2))
        >>> read_image(path).shape
        torch.Size([3, 4, 6])
    """
    return decode_image(read_file(path), str(path))


@dataclass(frozen=True)
class Picture:
    """A picture that was read from a file.

    Attributes:
        image: RGB, shape (3, H, W), float32, range [0, 1].
        notes: What the file holds and the image does not, see the warnings of `decode_image`.
    """

    image: Tensor
    notes: tuple[str, ...]


def decode_image(data: bytes, source: str) -> Tensor:
    """Read a picture from the bytes of a whole file, such as a member of a zip archive.

    Args:
        data: The file; what `read_image` says of files holds.
        source: What to call it in messages.

    Returns:
        RGB, shape (3, H, W), float32, range [0, 1].

    Raises:
        ImageError: If the data is empty, too large, of another format, damaged, truncated, an animation or several
            pages, or has samples without an agreed scale (32-bit integers, floats outside [0, 1], NaN).

    Warns:
        ImageWarning: If transparent pixels were composited on white, the EXIF orientation is unreadable, or only the
            first of several pictures in a phone's JPEG was read.

    Example:
        >>> decode_image(b"GIF89a...", "moving.gif")
        Traceback (most recent call last):
        miais.image_limits.ImageError: moving.gif: expected a PNG, JPEG, WebP, BMP or TIFF picture, got a file that ...
    """
    picture = decode_picture(data, source)
    for note in picture.notes:
        warnings.warn(f"{source}: {note}", ImageWarning, stacklevel=2)
    return picture.image


def decode_picture(data: bytes, source: str, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a picture as `decode_image` does, and hand back what that would warn of.

    Args:
        data: The file.
        source: What to call it in messages.
        max_pixels: Most pixels that it may have, 50 million at most.

    Raises:
        ImageError: As `decode_image`.
    """
    with opened(data, source, max_pixels=max_pixels) as file:
        samples = read_samples(file, data, source)
    notes = list(samples.notes)
    # True division: multiplying by 1/255 would miss the exact levels k/255.
    image = torch.from_numpy(samples.colour).permute(2, 0, 1).contiguous().to(torch.float32).div_(samples.full)
    if samples.alpha is not None:
        notes.append("it has transparent pixels; they were composited on white")
        alpha = torch.from_numpy(samples.alpha).permute(2, 0, 1)
        image = image * alpha + (1 - alpha)
    return Picture(image.expand(3, -1, -1).contiguous(), tuple(notes))


def write_png(path: str | Path, image: Tensor) -> None:
    """Write a picture as an 8-bit RGB PNG without metadata, in full or not at all.

    The file is written under a temporary name in the same folder, forced to disk, read again and compared bit for bit,
    and only then gets its name. If any of this fails, an older file of that name stays as it was.

    Args:
        path: Where to write; the name ends in `.png`.
        image: RGB, shape (3, H, W) or (1, 3, H, W), range [0, 1], any floating type and device; rounded as by
            `quantize`.

    Raises:
        FileNotFoundError: If the folder does not exist.
        ImageError: If the name ends otherwise, the tensor is no such picture, or writing fails (full disk,
            permissions).
        TypeError: If `image` is not a floating-point tensor.

    Example:
        >>> write_png("container.jpg", torch.zeros(3, 8, 8))
        Traceback (most recent call last):
        miais.image_limits.ImageError: container.jpg: expected a name that ends in .png, got '.jpg'; ...
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ImageError(
            f"{path}: expected a name that ends in .png, got {path.suffix!r}; JPEG and other lossy formats destroy "
            f"what the container hides; write {path.stem or 'container'}.png instead"
        )
    pixels = _checked_pixels(path, image)
    encoded = _as_png(pixels)
    if len(encoded) > MAX_FILE_BYTES:
        raise ImageError(f"{path}: the PNG would exceed the {MAX_FILE_BYTES >> 20} MiB that are read again; resize it")
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(encoded)
            file.flush()
            os.fsync(file.fileno())
        if not torch.equal(to_uint8(read_image(temporary)), pixels):
            raise ImageError(f"{path}: reading the file back gave other pixels; check the disk")
        os.replace(temporary, path)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path}: the folder {path.parent} does not exist; create it first") from error
    except OSError as error:
        raise ImageError(f"{path}: cannot be written ({error.strerror}); check free space and permissions") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def encode_png(image: Tensor) -> bytes:
    """Make the bytes of an 8-bit RGB PNG without metadata.

    Args:
        image: As for `write_png`.

    Raises:
        ImageError: If the tensor is no such picture.
        TypeError: If it is not a floating-point tensor.

    Example:
        >>> decode_image(encode_png(torch.full((3, 4, 6), 0.2)), "grey").shape
        torch.Size([3, 4, 6])
    """
    return _as_png(_checked_pixels("PNG", image))


def resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize bilinearly, with antialiasing when shrinking; differentiable. The one resize of the project.

    Args:
        image: Shape (3, H, W) or (N, 3, H, W), floating type.
        size: Height and width in pixels.

    Returns:
        The image at that size, float32 or float64; the input itself if it already has that size.

    Raises:
        TypeError: If `image` is not a floating-point tensor.
        ValueError: If the shape or the size is not as above.

    Example:
        >>> resize(torch.zeros(3, 4, 6), (2, 3)).shape
        torch.Size([3, 2, 3])
    """
    if image.ndim not in (3, 4) or image.shape[-3] != 3 or 0 in image.shape[-2:]:
        raise ValueError(f"expected an image of shape (3, H, W) or (N, 3, H, W), got {tuple(image.shape)}")
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"expected a positive height and width, got {size}")
    if tuple(image.shape[-2:]) == tuple(size):
        return image
    batch = as_float(image).reshape(-1, *image.shape[-3:])
    resized = F.interpolate(batch, size=tuple(size), mode="bilinear", antialias=True)
    return resized.reshape(*image.shape[:-2], *size)


def _as_png(pixels: Tensor) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels.permute(1, 2, 0).numpy())).save(
        encoded, "PNG", compress_level=_COMPRESSION
    )
    return encoded.getvalue()


def _checked_pixels(path: Path | str, image: Tensor) -> Tensor:
    shape = tuple(image.shape)
    if not (shape[-3:-2] == (3,) and (len(shape) == 3 or (len(shape) == 4 and shape[0] == 1)) and 0 not in shape):
        raise ImageError(f"{path}: expected one image of shape (3, H, W) or (1, 3, H, W), got {shape}")
    if shape[-2] * shape[-1] > MAX_PIXELS:
        raise ImageError(f"{path}: expected at most {MAX_PIXELS / 1e6:.0f} megapixels, got {shape[-1]}x{shape[-2]}")
    pixels = to_uint8(image).reshape(shape[-3:]).cpu()
    low, high = (bound.item() for bound in image.detach().aminmax())
    if low < -0.5 / 255 or high > 1 + 0.5 / 255:
        raise ImageError(f"{path}: expected values in [0, 1], got {low:g} to {high:g}; rescale or clamp first")
    return pixels


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut where the system can; the file itself is already safe."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
