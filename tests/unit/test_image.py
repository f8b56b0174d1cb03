"""The read path, the write path, 8-bit rounding and the resize."""

import errno
import io
import os
import socket
import stat
import struct
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageFile
from support.hostile_files import hostile_files
from support.picture_bytes import exif, png, saved, with_segment

import miais.image
from miais.image import (
    ImageError,
    ImageWarning,
    decode_image,
    from_uint8,
    quantize,
    read_image,
    resize,
    to_uint8,
    write_png,
)


def random_image(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def smooth_pixels(height: int = 256, width: int = 256) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    waves = [np.sin(rows / 9 + k) + np.cos(columns / (7 + k)) for k in range(3)]
    return ((np.stack(waves, -1) + 2) * 63.75).astype(np.uint8)


def tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class TestReading:
    def test_missing_file_is_named(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"nothing\.png: no such file"):
            read_image(tmp_path / "nothing.png")

    def test_folder_is_refused(self, tmp_path):
        with pytest.raises(ImageError, match="folder, pipe or device"):
            read_image(tmp_path)

    @pytest.mark.timeout(10)
    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX")
    def test_pipe_is_refused_without_waiting_for_a_writer(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(ImageError, match="folder, pipe or device"):
            read_image(tmp_path / "pipe.png")

    @pytest.mark.timeout(10)
    @pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
    def test_endless_device_is_refused(self):
        with pytest.raises(ImageError, match="folder, pipe or device"):
            read_image("/dev/zero")

    @pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs UNIX sockets")
    def test_socket_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket.png")
            with pytest.raises(ImageError, match="folder, pipe or device"):
                read_image("socket.png")

    def test_path_through_a_file_is_refused(self, tmp_path):
        write_png(tmp_path / "a.png", torch.zeros(3, 2, 2))
        with pytest.raises(ImageError, match="cannot be read"):
            read_image(tmp_path / "a.png" / "b.png")

    def test_forbidden_file_is_refused(self, tmp_path, monkeypatch):
        path = tmp_path / "a.png"
        write_png(path, torch.zeros(3, 2, 2))

        def forbidden(*_args, **_options):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

        monkeypatch.setattr(Path, "open", forbidden)
        with pytest.raises(ImageError, match=r"cannot be read \(Permission denied\)"):
            read_image(path)

    def test_file_above_64_mib_is_refused_and_one_byte_less_is_read_on(self, tmp_path):
        path = tmp_path / "long.png"
        write_png(path, torch.zeros(3, 2, 2))
        os.truncate(path, 64 * 2**20)
        assert read_image(path).shape == (3, 2, 2)
        os.truncate(path, 64 * 2**20 + 1)
        with pytest.raises(ImageError, match="expected at most 64 MiB"):
            read_image(path)

    def test_text_path_and_link_are_followed(self, tmp_path):
        write_png(tmp_path / "a.png", random_image(3, 4, 5))
        (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
        assert torch.equal(read_image(str(tmp_path / "link.png")), read_image(tmp_path / "a.png"))

    @pytest.mark.parametrize("path", [None, 3, b"a.png"])
    def test_path_of_another_type_is_refused(self, path):
        with pytest.raises(TypeError):
            read_image(path)

    @pytest.mark.parametrize("file_format", ["PNG", "JPEG", "BMP", "WEBP", "TIFF"])
    @pytest.mark.parametrize("size", [(64, 48), (37, 101)])
    def test_8_bit_picture_equals_what_pillow_decodes(self, file_format, size):
        data = saved(smooth_pixels(*size), file_format)
        expected = torch.from_numpy(np.array(Image.open(io.BytesIO(data)).convert("RGB"))).permute(2, 0, 1) / 255
        assert torch.equal(decode_image(data, "a"), expected)

    def test_every_level_is_read_as_exactly_k_of_255(self):
        levels = np.arange(256).reshape(1, 256, 1)
        assert torch.equal(decode_image(png(levels, 8, 0), "a")[0, 0], torch.arange(256) / 255)

    def test_bytes_and_file_give_the_same_and_messages_name_the_source(self, tmp_path):
        data = saved(smooth_pixels(8, 8), "PNG")
        (tmp_path / "a.png").write_bytes(data)
        assert torch.equal(decode_image(data, "faces.zip/a.png"), read_image(tmp_path / "a.png"))
        with pytest.raises(ImageError, match=r"^faces\.zip/a\.png: "):
            decode_image(data[:40], "faces.zip/a.png")

    def test_warning_names_the_file(self):
        data = png(np.zeros((2, 2, 4), dtype=int), 8, 6)
        with pytest.warns(ImageWarning, match="^clear.png: it has transparent pixels"):
            assert torch.equal(decode_image(data, "clear.png"), torch.ones(3, 2, 2))

    def test_result_can_be_changed_in_place(self):
        image = decode_image(png(np.zeros((2, 2, 1), dtype=int), 8, 0), "a")
        image[0] += 1
        assert image[1].sum() == 0

    def test_reading_leaves_pillow_and_warning_settings_alone(self):
        before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters)
        for file in hostile_files():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ImageWarning)
                try:
                    decode_image(file.data, file.name)
                except ImageError:
                    assert file.error is not None
        assert (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters)) == before

    def test_threads_read_the_same(self):
        data = [saved(smooth_pixels(40, 30 + k), "JPEG") for k in range(8)]
        with ThreadPoolExecutor(4) as pool:
            images = list(pool.map(lambda k: decode_image(data[k % 8], "a"), range(64)))
        assert all(torch.equal(image, decode_image(data[k % 8], "a")) for k, image in enumerate(images))

    @pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
    def test_256_pixels_are_read_in_milliseconds(self, file_format):
        """About 2 ms on an idle core; the bound leaves room for a busy machine."""
        data = saved(smooth_pixels(), file_format)
        seconds = []
        for _ in range(30):
            started = time.perf_counter()
            decode_image(data, "a")
            seconds.append(time.perf_counter() - started)
        assert min(seconds) < 0.01


class TestWriting:
    @pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (37, 64)])
    def test_file_read_again_is_the_rounded_image(self, tmp_path, size):
        image = random_image(3, *size)
        write_png(tmp_path / "a.png", image)
        assert torch.equal(read_image(tmp_path / "a.png"), quantize(image))
        assert list(tree(tmp_path)) == ["a.png"]

    def test_every_level_survives(self, tmp_path):
        pixels = torch.arange(256, dtype=torch.uint8).repeat(3).reshape(3, 16, 16)
        write_png(tmp_path / "a.png", from_uint8(pixels))
        assert torch.equal(to_uint8(read_image(tmp_path / "a.png")), pixels)
        assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), pixels.permute(1, 2, 0).numpy())

    @pytest.mark.parametrize(
        "change",
        [
            lambda image: image[None],
            lambda image: image.double(),
            lambda image: image.requires_grad_(),
            lambda image: image.flip(2).flip(2),
            lambda image: image.transpose(1, 2).contiguous().transpose(1, 2),
        ],
        ids=["batch_of_one", "float64", "with_gradient", "copy", "strided"],
    )
    def test_any_floating_tensor_of_one_image_is_written(self, tmp_path, change):
        image = random_image(3, 6, 7)
        write_png(str(tmp_path / "a.PNG"), change(image.clone()))
        assert torch.equal(read_image(tmp_path / "a.PNG"), quantize(image))

    def test_bfloat16_is_written(self, tmp_path):
        image = random_image(3, 6, 7).bfloat16()
        write_png(tmp_path / "a.png", image)
        assert torch.equal(read_image(tmp_path / "a.png"), quantize(image))

    def test_file_is_8_bit_rgb_without_metadata(self, tmp_path):
        source = with_segment(saved(smooth_pixels(8, 8), "JPEG", dpi=(300, 300)), 0xE1, b"Exif\0\0" + exif(1))
        write_png(tmp_path / "a.png", decode_image(with_segment(source, 0xFE, b"comment"), "a"))
        data = (tmp_path / "a.png").read_bytes()
        assert struct.unpack_from(">IIBB", data, 16) == (8, 8, 8, 2)
        names, position = [], 8
        while position < len(data):
            length, name = struct.unpack_from(">I4s", data, position)
            names.append(name)
            position += 12 + length
        assert names == [b"IHDR", b"IDAT", b"IEND"]

    @pytest.mark.parametrize("name", ["a.jpg", "a.JPEG", "a.webp", "a.tiff", "a", "a.png.jpg", ".png"])
    def test_other_names_are_refused_with_the_reason(self, tmp_path, name):
        with pytest.raises(
            ImageError, match=r"ends in \.png, .* destroy what the container hides; write .*\.png instead"
        ):
            write_png(tmp_path / name, random_image(3, 4, 4))
        assert tree(tmp_path) == {}

    def test_no_name_at_all_is_refused_in_the_same_way(self):
        with pytest.raises(ImageError, match=r"ends in \.png, got ''; .* write container\.png instead"):
            write_png("", random_image(3, 4, 4))

    @pytest.mark.parametrize("shape", [(4, 4), (1, 4, 4), (4, 4, 3), (2, 3, 4, 4), (3, 0, 4), (1, 1, 3, 4, 4), ()])
    def test_other_shapes_are_refused(self, tmp_path, shape):
        with pytest.raises(ImageError, match=r"expected one image of shape \(3, H, W\)"):
            write_png(tmp_path / "a.png", torch.zeros(shape))
        assert tree(tmp_path) == {}

    def test_more_pixels_than_can_be_read_are_refused(self, tmp_path):
        with pytest.raises(ImageError, match=r"/a\.png: expected at most 50 megapixels, got 10000x5001"):
            write_png(tmp_path / "a.png", torch.zeros(1).expand(3, 5001, 10_000))

    def test_more_bytes_than_can_be_read_are_refused(self, tmp_path, monkeypatch):
        monkeypatch.setattr(miais.image, "MAX_FILE_BYTES", 1000)
        with pytest.raises(ImageError, match="that are read again"):
            write_png(tmp_path / "a.png", random_image(3, 40, 40))
        assert tree(tmp_path) == {}

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (float("nan"), "NaN"),
            (float("inf"), "infinity"),
            (-float("inf"), "infinity"),
            (1.1, "got 0 to 1.1"),
            (255.0, "got 0 to 255"),
            (-1.0, "got -1 to 0"),
        ],
    )
    def test_one_bad_value_is_refused_and_the_older_file_stays(self, tmp_path, value, message):
        write_png(tmp_path / "a.png", random_image(3, 4, 4))
        before = tree(tmp_path)
        image = torch.zeros(3, 4, 4)
        image[1, 2, 3] = value
        with pytest.raises(ImageError, match=message):
            write_png(tmp_path / "a.png", image)
        assert tree(tmp_path) == before

    def test_rounding_noise_around_the_range_is_accepted(self, tmp_path):
        write_png(tmp_path / "a.png", torch.tensor([-1e-6, 1 + 1e-6, 0.5]).reshape(3, 1, 1))
        assert to_uint8(read_image(tmp_path / "a.png")).flatten().tolist() == [0, 255, 128]

    def test_integer_tensor_is_refused(self, tmp_path):
        with pytest.raises(TypeError, match="use from_uint8"):
            write_png(tmp_path / "a.png", torch.zeros(3, 4, 4, dtype=torch.uint8))

    def test_missing_folder_is_named(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="missing does not exist; create it first"):
            write_png(tmp_path / "missing" / "a.png", torch.zeros(3, 4, 4))

    def test_folder_of_that_name_is_refused(self, tmp_path):
        (tmp_path / "a.png").mkdir()
        with pytest.raises(ImageError, match="cannot be written"):
            write_png(tmp_path / "a.png", torch.zeros(3, 4, 4))
        assert [path.name for path in tmp_path.iterdir()] == ["a.png"]

    @pytest.mark.parametrize(("function", "code"), [("fsync", errno.ENOSPC), ("replace", errno.EACCES)])
    def test_failing_disk_gives_one_error_and_leaves_the_older_file(self, tmp_path, monkeypatch, function, code):
        write_png(tmp_path / "a.png", random_image(3, 4, 4))
        before = tree(tmp_path)

        def failing(*_args):
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, function, failing)
        with pytest.raises(ImageError, match=rf"a\.png: cannot be written \({os.strerror(code)}\)"):
            write_png(tmp_path / "a.png", random_image(3, 4, 4, seed=1))
        assert tree(tmp_path) == before

    def test_disk_that_fills_up_in_the_middle_leaves_no_part(self, tmp_path):
        """A real short write: the system allows no file above 4 KiB."""
        resource = pytest.importorskip("resource")
        write_png(tmp_path / "a.png", random_image(3, 4, 4))
        before, limits = tree(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        try:
            with pytest.raises(ImageError, match="cannot be written"):
                write_png(tmp_path / "a.png", random_image(3, 64, 64))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert tree(tmp_path) == before

    def test_other_pixels_on_reading_back_are_an_error(self, tmp_path, monkeypatch):
        write_png(tmp_path / "a.png", random_image(3, 4, 4))
        before, read = tree(tmp_path), miais.image.read_image

        def one_bit_off(path):
            return from_uint8(to_uint8(read(path)) ^ (torch.arange(4) == 3).to(torch.uint8))

        monkeypatch.setattr(miais.image, "read_image", one_bit_off)
        with pytest.raises(ImageError, match="gave other pixels"):
            write_png(tmp_path / "a.png", random_image(3, 4, 4, seed=1))
        assert tree(tmp_path) == before

    def test_interruption_leaves_no_part(self, tmp_path, monkeypatch):
        def interrupted(_descriptor):
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_png(tmp_path / "a.png", random_image(3, 4, 4))
        assert tree(tmp_path) == {}

    def test_file_is_forced_to_disk_before_it_gets_its_name_and_the_folder_after(self, tmp_path, monkeypatch):
        events, fsync, replace = [], os.fsync, os.replace

        def recording_fsync(descriptor):
            events.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
            fsync(descriptor)

        def recording_replace(source, target):
            assert Path(source).parent == Path(target).parent
            events.append("name")
            replace(source, target)

        monkeypatch.setattr(os, "fsync", recording_fsync)
        monkeypatch.setattr(os, "replace", recording_replace)
        write_png(tmp_path / "a.png", random_image(3, 4, 4))
        assert events == ["file", "name", "folder"]

    def test_file_has_the_usual_permissions(self, tmp_path):
        (tmp_path / "usual").touch()
        write_png(tmp_path / "a.png", torch.zeros(3, 2, 2))
        assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "usual").stat().st_mode

    def test_longest_name_is_written(self, tmp_path):
        path = tmp_path / ("x" * 251 + ".png")
        write_png(path, torch.zeros(3, 2, 2))
        assert read_image(path).shape == (3, 2, 2)


class TestResize:
    @pytest.mark.parametrize("size", [(20, 30), (7, 90), (64, 64), (1, 1), (41, 31)])
    def test_agrees_with_pillow(self, size):
        image = random_image(3, 40, 30)
        expected = [
            np.asarray(Image.fromarray(band.numpy()).resize(size[::-1], Image.Resampling.BILINEAR)) for band in image
        ]
        torch.testing.assert_close(resize(image, size), torch.from_numpy(np.stack(expected)), atol=1e-5, rtol=0)

    def test_same_size_returns_the_input_itself(self):
        image = random_image(2, 3, 5, 6)
        assert resize(image, (5, 6)) is image

    def test_batch_equals_single_images(self):
        images = random_image(4, 3, 17, 9)
        assert torch.equal(resize(images, (6, 20)), torch.stack([resize(image, (6, 20)) for image in images]))

    @pytest.mark.parametrize("size", [(3, 4), (9, 13)])
    def test_range_and_plain_colour_are_kept(self, size):
        resized = resize(random_image(3, 8, 8).round(), size)
        assert resized.min() >= -1e-6
        assert resized.max() <= 1 + 1e-6
        torch.testing.assert_close(resize(torch.full((3, 8, 8), 0.3), size), torch.full((3, *size), 0.3))

    @pytest.mark.parametrize("size", [(3, 2), (6, 7)])
    def test_gradient_is_right(self, size):
        image = random_image(1, 3, 4, 5).double().requires_grad_()
        assert torch.autograd.gradcheck(lambda x: resize(x, size), image)

    @pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
    def test_half_types_and_autocast_keep_float32_precision(self, dtype):
        image = random_image(3, 16, 16).to(dtype)
        expected = resize(image.float(), (5, 5))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert torch.equal(resize(image.float(), (5, 5)), expected)
        assert torch.equal(resize(image, (5, 5)), expected)

    @pytest.mark.parametrize("shape", [(4, 4), (1, 4, 4), (2, 1, 4, 4), (1, 1, 3, 4, 4), (3, 0, 4)])
    def test_other_shapes_are_refused(self, shape):
        with pytest.raises(ValueError, match="expected an image of shape"):
            resize(torch.zeros(shape), (2, 2))

    @pytest.mark.parametrize("size", [(0, 4), (4, -1), (4,), (1, 2, 3)])
    def test_other_sizes_are_refused(self, size):
        with pytest.raises(ValueError, match="positive height and width"):
            resize(torch.zeros(3, 4, 4), size)

    def test_integers_are_refused(self):
        with pytest.raises(TypeError, match="floating-point"):
            resize(torch.zeros(3, 4, 4, dtype=torch.uint8), (2, 2))

    @pytest.mark.gpu
    @pytest.mark.parametrize("size", [(64, 64), (160, 160), (5000, 1)])
    def test_cuda_agrees_with_cpu(self, size):
        image = random_image(3, 2000, 3000)
        torch.testing.assert_close(resize(image.cuda(), size).cpu(), resize(image, size), atol=1e-5, rtol=0)
