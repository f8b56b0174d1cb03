import numpy as np
import pytest
import torch
from PIL import Image
from pytorch_msssim import ms_ssim as reference_ms_ssim


def test_numbers_agree_with_independent_ones(miais, picture, tmp_path):
    first = picture("a.png", 176, 192, seed=1)
    noisy = np.asarray(Image.open(first)).astype(int) + np.random.default_rng(2).integers(-9, 10, (176, 192, 3))
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(tmp_path / "b.png")
    result = miais("compare", first, tmp_path / "b.png", "--json")
    assert result.exit_code == 0, result.stderr
    (record,) = result.records
    a, b = (np.asarray(Image.open(path)) / 255 for path in (first, tmp_path / "b.png"))
    error = np.mean((a - b) ** 2)
    tensors = [torch.from_numpy(image).permute(2, 0, 1)[None].float() for image in (a, b)]
    assert set(record) == {"mse", "psnr_db", "ms_ssim", "ms_ssim_miais"}
    assert record["mse"] == pytest.approx(error, rel=1e-5)
    assert record["psnr_db"] == pytest.approx(-10 * np.log10(error), abs=1e-4)
    assert record["ms_ssim"] == pytest.approx(reference_ms_ssim(*tensors, data_range=1).item(), abs=1e-5)
    assert record["ms_ssim"] < record["ms_ssim_miais"] < 1


def test_equal_pictures_have_a_null_psnr_with_a_reason(miais, picture):
    (record,) = miais("compare", picture("a.png"), picture("a.png"), "--json").records
    assert record["mse"] == 0
    assert record["psnr_db"] is None
    assert record["ms_ssim"] == pytest.approx(1)
    assert "equal" in record["reason"]


def test_too_small_for_ms_ssim_is_null_with_a_reason(miais, picture):
    (record,) = miais("compare", picture("a.png", 8, 8, seed=1), picture("b.png", 8, 8, seed=2), "--json").records
    assert record["psnr_db"] > 0
    assert record["ms_ssim"] is None
    assert record["ms_ssim_miais"] is None
    assert "at least 11 px" in record["reason"]


def test_different_sizes_are_an_error_that_names_both(miais, picture):
    result = miais("compare", picture("a.png", 48, 64), picture("b.png", 64, 48))
    assert result.exit_code == 1
    assert "64x48" in result.stderr
    assert "48x64" in result.stderr
