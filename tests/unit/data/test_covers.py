import importlib.util
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from support.pictures import picture_bytes, write_folder, write_zip
from support.shared_data import shared_folder

from miais.data import covers as covers_module
from miais.data.covers import CoverSet, scikit_image_photographs
from miais.image import decode_image, read_image, resize, to_uint8

NAMES = ["boat.png", "hill.png", "sea.png"]
needs_scikit_image = pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="needs scikit-image")


@pytest.fixture
def covers(tmp_path):
    return CoverSet.open(write_zip(tmp_path / "covers.zip", [f"covers/{name}" for name in NAMES]))


def one_cover(image):
    return CoverSet(["only"], lambda _: image)


def test_cover_keeps_its_own_size_unless_asked(covers):
    own = decode_image(picture_bytes(1), "expected")
    assert covers.names == tuple(NAMES)
    assert len(covers) == 3
    assert torch.equal(covers.pixels(1), to_uint8(own))
    assert own.shape == (3, 12, 10)
    assert torch.equal(covers.pixels(1, (6, 8)), to_uint8(resize(own, (6, 8))))


def test_names_select_covers_and_missing_ones_are_named(tmp_path):
    root = write_folder(tmp_path, NAMES)
    assert CoverSet.open(root, ["sea.png", "boat.png"]).names == ("boat.png", "sea.png")
    with pytest.raises(ValueError, match=r"1 covers are not in it: moon\.png"):
        CoverSet.open(root, ["sea.png", "moon.png"])
    with pytest.raises(ValueError, match="at least one cover"):
        CoverSet.open(root, [])


def test_decoded_covers_are_kept_only_up_to_the_limit(monkeypatch):
    decoded = []

    def decode(name):
        decoded.append(name)
        return torch.rand(3, 4, 4)

    covers = CoverSet(["a", "b"], decode)
    monkeypatch.setattr(covers_module, "CACHE_LIMIT_BYTES", 3 * 4 * 4)
    for index in (0, 1, 0, 1):
        covers.pixels(index)
    assert decoded == ["a", "b", "b"]


def test_pickled_covers_leave_the_cache_behind(covers):
    first = covers.pixels(0)
    copy = pickle.loads(pickle.dumps(covers))  # noqa: S301
    assert copy._cache == {}
    assert torch.equal(copy.pixels(0), first)


def test_random_crop_of_the_same_side_is_a_cut_out():
    ramp = torch.arange(6 * 9).view(1, 6, 9).expand(3, 6, 9) / 255
    crop = one_cover(ramp).random_crop(0, 6, np.random.default_rng(0))
    left = int(crop[0, 0, 0])
    assert torch.equal(crop, to_uint8(ramp)[:, :, left : left + 6])


def test_random_crops_reach_every_place_and_scale():
    rows = torch.arange(40).view(1, 40, 1) / 255
    cover = one_cover(rows.expand(3, 40, 60))
    rng = np.random.default_rng(1)
    crops = torch.stack([cover.random_crop(0, 20, rng) for _ in range(300)])
    heights = (crops.amax((1, 2, 3)) - crops.amin((1, 2, 3))).int()
    assert crops.shape == (300, 3, 20, 20)
    assert heights.min() <= 20 < 36 <= heights.max()
    assert crops.min() <= 1
    assert crops.max() >= 38


def test_random_crop_depends_only_on_the_generator(covers):
    first, second = (covers.random_crop(2, 6, np.random.default_rng(3)) for _ in range(2))
    assert torch.equal(first, second)


def test_cover_smaller_than_the_crop_is_enlarged():
    crop = one_cover(torch.full((3, 5, 7), 0.2)).random_crop(0, 16, np.random.default_rng(0))
    assert torch.equal(crop, torch.full((3, 16, 16), 51, dtype=torch.uint8))


def test_scan_leaves_out_unreadable_covers(tmp_path):
    names = [f"{number:03d}.png" for number in range(100)]
    write_folder(tmp_path, names)
    (tmp_path / "042.png").write_bytes(b"broken")
    covers = CoverSet.open(tmp_path)
    assert covers.scan((4, 4)) == ["042.png"]
    assert covers.names == tuple(name for name in names if name != "042.png")


@needs_scikit_image
def test_photograph_parts_are_disjoint_and_make_the_whole():
    parts = [scikit_image_photographs(split) for split in ("train", "val", "test")]
    train = parts[0]
    assert all(part.names == train.names for part in parts)
    assert {"astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"} <= set(train.names)
    data = Path(importlib.util.find_spec("skimage").submodule_search_locations[0]) / "data"
    index = train.names.index("chelsea.png")
    whole = torch.cat([part.pixels(index) for part in parts], dim=-1)
    assert torch.equal(whole, to_uint8(read_image(data / "chelsea.png")))


@needs_scikit_image
def test_photographs_of_an_unknown_split_are_refused():
    with pytest.raises(ValueError, match="'train', 'val' or 'test', got 'all'"):
        scikit_image_photographs("all")


def test_missing_scikit_image_names_the_command(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'miais\[report\]'"):
        scikit_image_photographs("train")


@pytest.mark.shared
@pytest.mark.parametrize(("name", "count"), [("covers-imagenet400", 400), ("covers-textures100", 100)])
def test_shared_covers_are_counted(name, count):
    covers = CoverSet.open(shared_folder() / "data" / f"{name}.zip")
    assert len(covers) == count
    assert covers.pixels(0).shape == (3, 256, 256)


def test_resized_covers_are_squares_of_one_size(covers):
    squares = covers.resized(16)
    assert squares.names == covers.names
    for index in range(len(covers)):
        assert torch.equal(squares.pixels(index), covers.pixels(index, (16, 16)))
