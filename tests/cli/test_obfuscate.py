import json
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from miais.cli.obfuscate import KEYLESS, KeyedMethod, KeylessMethod
from miais.cli.obfuscation_methods import FOR_JPEG, make_method
from miais.cli.obfuscation_methods import KEYED as KEYED_METHODS
from miais.cli.obfuscation_methods import KEYLESS as KEYLESS_METHODS
from miais.image import read_image, to_uint8
from miais.metrics import ms_ssim, psnr
from miais.obfuscation import LearnableEncryption, ReversibleObfuscation, image_key

KEYED = get_args(KeyedMethod)
KEY = bytes(range(32))


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "my.key"
    path.write_text(KEY.hex())
    return path


@pytest.fixture
def face(picture):
    return picture("face.png", 48, 64, seed=5)


def pixels(path):
    return np.asarray(Image.open(path))


def test_names_are_those_of_the_methods():
    """The help lists them itself, so as not to wait for torch."""
    assert set(KEYED) == set(KEYED_METHODS)
    assert set(KEYLESS) == set(get_args(KeylessMethod)) == set(KEYLESS_METHODS)
    assert set(KEYED) >= FOR_JPEG
    assert all(isinstance(make_method(name, KEY, ()), ReversibleObfuscation) for name in KEYED)
    assert not any(isinstance(make_method(name, None, ()), ReversibleObfuscation) for name in KEYLESS)


@pytest.mark.parametrize("method", KEYED)
def test_there_and_back(miais, method, face, key, tmp_path):
    hidden, back = tmp_path / "hidden.png", tmp_path / "back.png"
    result = miais("obfuscate", method, face, "-o", hidden, "--key-file", key, "--json")
    assert result.exit_code == 0, result.stderr
    (record,) = result.records
    assert (record["method"], record["inverse"], record["size"]) == (method, False, [64, 48])
    assert (pixels(hidden) != pixels(face)).mean() > 0.2
    result = miais("obfuscate", method, hidden, "-o", back, "--key-file", key, "--inverse", "--json")
    assert result.exit_code == 0, result.stderr
    assert result.records == [
        {"file": str(hidden), "out": str(back), "method": method, "inverse": True, "size": [64, 48]}
    ]
    assert np.abs(pixels(back).astype(int) - pixels(face)).max() <= (2 if method == "etc-grey" else 0)


@pytest.mark.parametrize("method", KEYLESS)
def test_methods_without_a_key(miais, method, face, tmp_path):
    out = tmp_path / "out.png"
    result = miais("obfuscate", method, face, "-o", out)
    assert result.exit_code == 0, result.stderr
    assert "psnr_db" in result.stdout
    assert (pixels(out) != pixels(face)).any()


def test_file_has_what_the_library_gives_and_the_numbers_are_its(miais, face, key, tmp_path):
    out = tmp_path / "out.png"
    arguments = ("--set", "block=8", "--set", "flip=reference", "--json")
    (record,) = miais("obfuscate", "le", face, "-o", out, "--key-file", key, *arguments).records
    plain, hidden = read_image(face), read_image(out)
    expected = LearnableEncryption(KEY, block=8, flip="reference")(to_uint8(plain))
    assert (to_uint8(hidden) == expected).all()
    assert record["psnr_db"] == psnr(hidden[None], plain[None]).item()
    assert record["ms_ssim_miais"] == ms_ssim(hidden[None], plain[None], variant="miais").item()


def test_another_key_does_not_undo(miais, face, key, tmp_path):
    hidden, back, other = tmp_path / "hidden.png", tmp_path / "back.png", tmp_path / "other.key"
    other.write_bytes(bytes(32))
    assert miais("obfuscate", "ele", face, "-o", hidden, "--key-file", key).exit_code == 0
    assert miais("obfuscate", "ele", hidden, "-o", back, "--key-file", other, "--inverse").exit_code == 0
    assert (pixels(back) != pixels(face)).mean() > 0.5


def test_size_is_that_of_the_hidden_picture(miais, picture, key, tmp_path):
    odd, out = picture("odd.png", 33, 50), tmp_path / "out.png"
    result = miais("obfuscate", "etc", odd, "-o", out, "--key-file", key)
    assert result.exit_code == 1
    assert f"{odd}: expected sides that are multiples of the block's 16 pixels, got 50x33" in result.stderr
    assert not out.exists()
    assert miais("obfuscate", "etc", odd, "-o", out, "--key-file", key, "--size", 64).exit_code == 0
    assert pixels(out).shape == (64, 64, 3)


def test_folder_goes_there_and_back_and_a_bad_file_does_not_stop_it(miais, picture, key, tmp_path):
    plain, hidden, back = tmp_path / "plain", tmp_path / "hidden", tmp_path / "back"
    for number in range(3):
        picture(f"plain/face{number}.png", 48, 64, seed=number)
    picture("plain/odd.png", 50, 33)
    picture("plain/face1.bmp", 48, 64, seed=9)
    result = miais("obfuscate", "pbie", plain, "-o", hidden, "--key-file", key, "--per-image", "--json")
    assert result.exit_code == 1
    errors = [record["error"] for record in result.records if "error" in record]
    assert errors == [
        f"{plain / 'face1.png'}: face1.bmp has the result {hidden / 'face1.png'} already; rename one of the two"
    ]
    (plain / "face1.bmp").unlink()
    assert miais("obfuscate", "pbie", plain, "-o", hidden, "--key-file", key, "--per-image").exit_code == 0
    (hidden / "face1.png").write_bytes(b"broken")
    result = miais("obfuscate", "pbie", hidden, "-o", back, "--key-file", key, "--per-image", "--inverse")
    assert result.exit_code == 1
    assert "1 of 4 pictures failed" in result.stderr
    assert sorted(path.name for path in back.iterdir()) == ["face0.png", "face2.png", "odd.png"]
    for path in back.iterdir():
        np.testing.assert_array_equal(pixels(path), pixels(plain / path.name))


def test_per_image_uses_the_key_of_the_name(miais, picture, key, tmp_path):
    face, out = picture("one.jpg", 48, 64), tmp_path / "one.png"
    assert miais("obfuscate", "le", face, "-o", out, "--key-file", key, "--per-image").exit_code == 0
    expected = LearnableEncryption(image_key(KEY, "one"))(to_uint8(read_image(face)))
    assert (to_uint8(read_image(out)) == expected).all()
    result = miais("obfuscate", "le", face, "-o", tmp_path / "two.png", "--key-file", key, "--per-image")
    assert result.exit_code == 2
    assert "one.jpg must become one.png" in " ".join(result.stderr.split())


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_lossy_files_are_undone_only_where_the_method_survives_it(miais, face, key, tmp_path, suffix):
    hidden, lossy, back = tmp_path / "hidden.png", tmp_path / f"lossy{suffix}", tmp_path / "back.png"
    for method in ("le", "etc"):
        assert miais("obfuscate", method, face, "-o", hidden, "--key-file", key).exit_code == 0
        Image.open(hidden).save(lossy, quality=95)
        result = miais("obfuscate", method, lossy, "-o", back, "--key-file", key, "--inverse")
        if method == "le":
            assert result.exit_code == 1
            assert "undone it would be noise; take the PNG, or a method that survives: em-hog, etc" in result.stderr
            assert not back.exists()
        else:
            assert result.exit_code == 0
            assert "what comes back has its errors" in result.stderr
            assert np.abs(pixels(back).astype(int) - pixels(face)).mean() < 12


def test_lossless_webp_is_undone(miais, face, key, tmp_path):
    hidden, copy, back = tmp_path / "hidden.png", tmp_path / "copy.webp", tmp_path / "back.png"
    assert miais("obfuscate", "ccm", face, "-o", hidden, "--key-file", key).exit_code == 0
    Image.open(hidden).save(copy, lossless=True)
    assert miais("obfuscate", "ccm", copy, "-o", back, "--key-file", key, "--inverse").exit_code == 0
    np.testing.assert_array_equal(pixels(back), pixels(face))


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("le", (), "le needs a key; make one with"),
        ("lee", ("--key-file", "my.key"), "'le'"),
        ("dio", ("--key-file", "my.key"), "dio has no key"),
        ("dio", ("--per-image",), "dio has no key"),
        ("dio-blur", ("--inverse",), "what dio-blur takes away is gone"),
        ("le", ("--key-file", "my.key", "--inverse", "--size", "64"), "leave it out"),
        ("le", ("--key-file", "my.key", "--set", "blok=8"), "did you mean 'block'?"),
        ("le", ("--key-file", "my.key", "--set", "block=0"), "at least 1 pixel"),
        ("le", ("--key-file", "my.key", "--set", "block=big"), "expected int, like 4, got 'big'"),
        ("le", ("--key-file", "my.key", "--set", "flip=other"), "expected one of independent, reference, got 'other'"),
        ("le", ("--key-file", "my.key", "--set", "block"), "expected key=value, such as block=8"),
        ("le", ("--key-file", "my.key", "--set", "key=00"), "the key comes from a file"),
        ("le", ("--key-file", "my.key", "--size", "0"), "--size"),
    ],
)
def test_wrong_usage_is_refused(miais, face, key, tmp_path, monkeypatch, method, options, message):
    monkeypatch.chdir(tmp_path)
    result = miais("obfuscate", method, face, "-o", "out.png", *options)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert KEY.hex() not in result.stderr
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize("out", ["out.jpg", ".", "face.png"])
def test_output_that_would_lose_something_is_refused(miais, face, key, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    before = face.read_bytes()
    assert miais("obfuscate", "bws", face, "-o", out, "--key-file", key).exit_code == 2
    assert face.read_bytes() == before


def test_folder_is_not_written_over_itself(miais, picture, key, tmp_path):
    face = picture("faces/a.png", 48, 64)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.png").hardlink_to(face)
    before = face.read_bytes()
    for out in (tmp_path / "faces", tmp_path / "faces/../faces", tmp_path / "out", face, tmp_path / "new.png"):
        assert miais("obfuscate", "bws", tmp_path / "faces", "-o", out, "--key-file", key).exit_code == 2
    assert face.read_bytes() == before


def test_missing_files_are_errors(miais, face, key, tmp_path):
    for image, file in ((tmp_path / "none.png", key), (face, tmp_path / "none.key")):
        result = miais("obfuscate", "bws", image, "-o", tmp_path / "out.png", "--key-file", file, "--json")
        assert result.exit_code == 1
        assert "none" in result.stderr
        assert result.records == []
    (tmp_path / "empty").mkdir()
    assert miais("obfuscate", "bws", tmp_path / "empty", "-o", tmp_path / "out", "--key-file", key).exit_code == 1


def test_small_picture_has_no_ms_ssim_and_says_why(miais, picture, key, tmp_path):
    result = miais("obfuscate", "bws", picture("s.png", 8, 8), "-o", tmp_path / "o.png", "--key-file", key, "--json")
    assert result.exit_code == 0
    assert result.records[0]["ms_ssim"] is None
    assert "at least 11 px" in result.records[0]["reason"]
    assert json.dumps(result.records[0])
