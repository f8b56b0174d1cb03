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


@pytest.mark.parametrize("out", ["", ".", "..", "no-such/..", "folder.png"])
def test_output_without_a_file_name_is_wrong_usage(miais, tiny, picture, tmp_path, monkeypatch, out):
    """The first two were "PosixPath('.') has an empty name", and for the third the advice was "...png"."""
    (tmp_path / "folder.png").mkdir()
    monkeypatch.chdir(tmp_path)
    result = miais("hide", picture("secret.png"), picture("cover.png"), "-o", out, "--model", tiny)
    assert result.exit_code == 2
    assert "expected a file name that ends in .png" in " ".join(result.stderr.split())
    assert "...png" not in result.stderr


@pytest.mark.parametrize("missing", ["secret", "cover"])
@pytest.mark.parametrize("other", ["a.png", "folder/a.png"])
def test_missing_input_is_named_before_anything_else(miais, tiny, picture, tmp_path, missing, other):
    """A missing folder was once "not a folder", or a reason to complain about -o; a missing cover failed every time."""
    there = tmp_path / other.partition("/")[0]
    picture(other)
    inputs = (tmp_path / "nowhere", there) if missing == "secret" else (there, tmp_path / "nowhere")
    result = miais("hide", *inputs, "-o", tmp_path / "out", "--model", tiny)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'nowhere'}: no such file or folder; check the path\n"
    assert not (tmp_path / "out").exists()


def test_note_says_once_that_nobody_will_restore_this_and_which_system_can(
    miais, tiny, tiny_multi, picture, tmp_path, monkeypatch
):
    """The default of `restore` is another system than that of `hide`, and from a foreign container it makes noise."""
    secret, cover = picture("secrets/a.png", seed=1), picture("cover.png", seed=2)
    picture("secrets/b.png", seed=3)
    (tmp_path / "systems").mkdir()
    (tmp_path / "systems/lfw-multi").symlink_to(tiny_multi, target_is_directory=True)
    for secrets, out in ((secret, tmp_path / "a.png"), (secret.parent, tmp_path / "out")):
        arguments = ("hide", secrets, cover, "-o", out, "--model")
        with monkeypatch.context() as patch:
            patch.setattr("miais.system_folder.BUNDLED", tmp_path / "nothing")
            assert "hide with a multitask system" in miais(*arguments, tiny).stderr
            patch.setattr("miais.system_folder.BUNDLED", tmp_path / "systems")
            result = miais(*arguments, tiny)
            assert result.stderr == (
                "Note: what tiny hides can be recognised but not restored; to restore it too, hide with --model "
                "lfw-multi.\n"
            )
            assert "Note" not in result.stdout
        assert miais(*arguments, tiny_multi).stderr == ""
        assert miais(*arguments, tiny, "--json").stderr == ""
