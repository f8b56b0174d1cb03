"""JPEG files: damaged, endless, turned, in other colours, from phones."""

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image
from support.hostile_file import (
    HostileFile,
    quadrants,
    stored_for,
)
from support.picture_bytes import (
    exif,
    saved,
    with_segment,
    without_segment,
)


def broken_jpeg_files() -> Iterator[HostileFile]:
    whole = saved(quadrants(), "JPEG", quality=95, subsampling=0)
    frame = whole.index(b"\xff\xc0")
    progressive = saved(quadrants(), "JPEG", progressive=True)
    last_scan = progressive[progressive.rindex(b"\xff\xda") : -2]
    broken = {
        "start_only": (b"\xff\xd8\xff", "truncated"),
        "cut_in_header": (whole[: frame + 6], "truncated"),
        "cut_in_pixels": (whole[: len(whole) - 60], "truncated"),
        "cut_end_marker": (whole[:-2], "truncated"),
        "progressive_cut": (progressive[: len(progressive) * 2 // 3], "truncated"),
        "no_scan": (whole[:2] + b"\xff\xd9", "truncated"),
        "no_tables": (without_segment(whole, 0xDB), "damaged"),
        "no_frame": (without_segment(whole, 0xC0), "damaged"),
        "twelve_bits": (whole[: frame + 4] + b"\x0c" + whole[frame + 5 :], "damaged"),
        "no_height": (whole[: frame + 5] + b"\0\0" + whole[frame + 7 :], "damaged"),
        "bomb": (whole[: frame + 5] + b"\xff\xff\xff\xff" + whole[frame + 9 :], "at most 50 megapixels"),
        "many_scans": (progressive[:-2] + last_scan * 100 + b"\xff\xd9", "more than 100 scans"),
        "many_segments": (whole[:2] + b"\xff\xfe\0\x02" * 100_001 + whole[2:], "more than 100000 segments"),
        "padding_only": (whole[:3] + b"\xff" * 200_000, "more than 100000 segments"),
    }
    for name, (data, error) in broken.items():
        yield HostileFile(f"{name}.jpg", data, error=error)


def odd_jpeg_files() -> Iterator[HostileFile]:
    random = np.random.default_rng(5)
    upright = quadrants()
    near = {"pixels": upright / 255, "tolerance": 3 / 255}
    for orientation in range(1, 9):
        data = saved(stored_for(upright, orientation), "JPEG", quality=95, subsampling=0)
        data = with_segment(data, 0xE1, b"Exif\0\0" + exif(orientation))
        yield HostileFile(f"turned_{orientation}.jpg", data, **near)
    whole = saved(upright, "JPEG", quality=95, subsampling=0)
    yield HostileFile("turned_99.jpg", with_segment(whole, 0xE1, b"Exif\0\0" + exif(99)), **near)
    for name, block in (("cut", exif(6)[:12]), ("garbage", b"\xff" * 30), ("tiny", b"II")):
        data = with_segment(whole, 0xE1, b"Exif\0\0" + block)
        yield HostileFile(f"exif_{name}.jpg", data, **near, warning="EXIF block is damaged")
    # The directory claims more entries than the block holds, after a readable orientation.
    greedy = exif(1)[:9] + b"\xff" + exif(1)[10:]
    yield HostileFile("exif_greedy.jpg", with_segment(whole, 0xE1, b"Exif\0\0" + greedy), **near)
    grey = saved(upright[..., 0], "JPEG", quality=95)
    yield HostileFile("grey.jpg", grey, pixels=upright[..., :1] / 255, tolerance=3 / 255)
    yield HostileFile("progressive.jpg", saved(upright, "JPEG", quality=95, subsampling=0, progressive=True), **near)
    yield HostileFile("rgb_inside.jpg", saved(upright, "JPEG", quality=95, keep_rgb=True), **near)
    # Pillow writes inverted inks and the Adobe marker, as Photoshop does; viewers invert without the marker too.
    cmyk = saved(upright, "JPEG", mode="CMYK", quality=95)
    yield HostileFile("cmyk_adobe.jpg", cmyk, **near)
    yield HostileFile("cmyk_no_marker.jpg", without_segment(cmyk, 0xEE), **near)
    yield HostileFile("junk_between.jpg", whole[:20] + bytes(9) + whole[20:], **near)
    yield HostileFile("named_jpeg.png", whole, **near)
    yield HostileFile("comment.jpg", with_segment(whole, 0xFE, b"x" * 60_000), **near)
    yield HostileFile("trailing_video.jpg", whole + random.bytes(200_000), **near)
    several = io.BytesIO()
    pictures = [Image.fromarray(upright), Image.new("RGB", (8, 8))]
    pictures[0].save(several, "MPO", save_all=True, append_images=pictures[1:], quality=95, subsampling=0)
    yield HostileFile("phone_two_pictures.jpg", several.getvalue(), **near, warning="several pictures")
