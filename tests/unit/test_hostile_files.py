"""Every hostile file gives one clear error or the right picture, and nothing else happens."""

import re
import time
import warnings

import numpy as np
import pytest
import torch
from support.hostile_file import HostileFile
from support.hostile_files import hostile_files, write_hostile_files

from miais.image import ImageError, ImageWarning, decode_image, read_image

FILES = hostile_files()


def test_there_are_many_distinct_files_of_each_outcome():
    assert len({file.name for file in FILES}) == len(FILES) >= 150
    assert sum(file.error is not None for file in FILES) >= 60
    assert sum(file.pixels is not None for file in FILES) >= 60
    assert all((file.error is None) != (file.pixels is None) for file in FILES)


def test_files_are_the_same_on_every_call(tmp_path):
    assert [path.read_bytes() for path in write_hostile_files(tmp_path)] == [file.data for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_file_gives_one_clear_error_or_the_right_picture(file: HostileFile, tmp_path):
    path = tmp_path / file.name
    path.write_bytes(file.data)
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if file.error is not None:
            with pytest.raises(ImageError, match=file.error) as raised:
                read_image(path)
            assert str(raised.value).startswith(f"{path}: ")
            assert "\n" not in str(raised.value)
        else:
            image = read_image(path)
    assert time.perf_counter() - started < 10
    assert [warning.category for warning in caught] == [ImageWarning] * (file.warning is not None)
    assert all(re.search(file.warning, str(warning.message)) for warning in caught)
    if file.pixels is not None:
        expected = torch.from_numpy(np.asarray(file.pixels, dtype=np.float32)).permute(2, 0, 1).expand(3, -1, -1)
        assert image.dtype == torch.float32
        assert image.is_contiguous()
        torch.testing.assert_close(image, expected, atol=file.tolerance, rtol=0)


@pytest.mark.parametrize("file", [file for file in FILES if file.pixels is not None], ids=lambda file: file.name)
def test_file_cut_anywhere_is_refused_or_reads_the_same(file: HostileFile):
    """A cut may remove only what the picture does not need, such as bytes after its end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = decode_image(file.data, "whole")
        lengths = np.unique(np.linspace(1, len(file.data) - 1, 40).astype(int))
        images = [_decoded(file.data[:length]) for length in lengths]
    assert all(torch.equal(image, whole) for image in images if image is not None)
    assert images[0] is None


@pytest.mark.parametrize("file", [file for file in FILES if 0 < len(file.data) < 5_000], ids=lambda file: file.name)
def test_file_with_flipped_bytes_never_escapes_as_another_exception(file: HostileFile):
    random = np.random.default_rng(len(file.data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(30):
            damaged = bytearray(file.data)
            for position in random.integers(0, len(damaged), 3):
                damaged[position] = random.integers(256)
            image = _decoded(bytes(damaged))
            if image is not None:
                assert image.shape[0] == 3
                assert image.isfinite().all()
                assert 0 <= image.min() <= image.max() <= 1


def _decoded(data: bytes) -> torch.Tensor | None:
    try:
        return decode_image(data, "damaged")
    except ImageError:
        return None
