import math

import numpy as np
import pytest
from PIL import Image

from miais.image import read_image
from miais.system import load


def test_file_mode_writes_a_container_of_the_covers_size_and_measures_the_file(miais, tiny, picture, tmp_path):
    secret, cover, out = picture("secret.png", seed=1), picture("cover.png", 181, 203, seed=2), tmp_path / "out.png"
    result = miais("hide", secret, cover, "-o", out, "--model", tiny, "--json")
    assert result.exit_code == 0, result.stderr
    (record,) = result.records
    container, original = (np.asarray(Image.open(path).convert("RGB"), dtype=float) for path in (out, cover))
    assert container.shape == original.shape == (181, 203, 3)
    mean_square = np.mean((container - original) ** 2)
    assert record["psnr_db"] == pytest.approx(10 * math.log10(255**2 / mean_square), abs=1e-3)
    assert 0.5 < record["ms_ssim"] < 1
    assert record["container"] == str(out)
    assert record["size"] == [203, 181]
    assert record["model"] == str(tiny)


def test_container_is_what_the_system_makes(miais, tiny, picture, tmp_path):
    secret, cover, out = picture("secret.png", seed=1), picture("cover.png", seed=2), tmp_path / "out.png"
    assert miais("hide", secret, cover, "-o", out, "--model", tiny, "--strength", "0.5").exit_code == 0
    expected = load(tiny).hide(read_image(secret), read_image(cover), strength=0.5)
    assert read_image(out).equal(expected)


def test_strength_zero_gives_the_cover_and_null_with_a_reason(miais, tiny, picture, tmp_path):
    secret, cover, out = picture("secret.png", seed=1), picture("cover.png", seed=2), tmp_path / "out.png"
    (record,) = miais("hide", secret, cover, "-o", out, "--model", tiny, "--strength", "0", "--json").records
    assert record["psnr_db"] is None
    assert "equal" in record["reason"]


def test_lossy_name_is_refused_with_the_reason(miais, tiny, picture, tmp_path):
    result = miais("hide", picture("secret.png"), picture("cover.png"), "-o", tmp_path / "out.jpg", "--model", tiny)
    assert result.exit_code == 2
    assert "lossy" in result.stderr
    assert "out.png" in result.stderr
    assert not (tmp_path / "out.jpg").exists()


def test_inputs_are_never_overwritten(miais, tiny, picture):
    secret, cover = picture("secret.png", seed=1), picture("cover.png", seed=2)
    before = cover.read_bytes()
    result = miais("hide", secret, cover, "-o", cover, "--model", tiny)
    assert result.exit_code == 2
    assert "one of the inputs" in result.stderr
    assert cover.read_bytes() == before


def test_one_secret_with_a_folder_of_covers_is_wrong_usage(miais, tiny, picture, tmp_path):
    cover = picture("covers/a.png")
    result = miais("hide", picture("secret.png"), cover.parent, "-o", tmp_path / "out.png", "--model", tiny)
    assert result.exit_code == 2
    assert "is a folder" in result.stderr


def test_table_shows_the_same_numbers(miais, tiny, picture, tmp_path):
    arguments = ("hide", picture("s.png", seed=1), picture("c.png", seed=2), "-o", tmp_path / "o.png", "--model", tiny)
    (record,) = miais(*arguments, "--json").records
    table = miais(*arguments).stdout
    assert f"{record['psnr_db']:.6g}" in table
    assert "64x48" in table
