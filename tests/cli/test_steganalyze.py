import csv
import math
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from support.shared_data import shared_folder

from miais.steganalysis import stegexpose_report

KEYS = {"file", "primary_sets", "sample_pairs", "rs", "chi_square", "fused", "stego", "message_bytes"}


@pytest.fixture
def noisy(tmp_path):
    """Write pictures with random last bits: noisy("a.png", rate) -> path."""

    def write(name, rate, seed=0, side=64):
        random = np.random.default_rng(seed)
        smooth = np.add.outer(np.arange(side), np.arange(side))[..., None] % 200 + np.array([10, 20, 30])
        smooth += random.integers(-4, 5, smooth.shape)
        hidden = np.where(random.random(smooth.shape) < rate, smooth ^ random.integers(0, 2, smooth.shape), smooth)
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(hidden.astype(np.uint8)).save(path)
        return path

    return write


def test_json_has_the_scores_of_the_pixels_in_the_file(miais, noisy):
    path = noisy("a.png", 0.5)
    result = miais("steganalyze", path, "--json")
    assert result.exit_code == 0
    (record,) = result.records
    assert set(record) >= KEYS
    report = stegexpose_report(np.asarray(Image.open(path)))
    assert record["fused"] == report.fused
    assert record["rs"] == report.rs
    assert record["chi_square"] is None
    assert record["message_bytes"] == math.floor(report.fused * path.stat().st_size / 3 + 0.5)


def test_more_hidden_bits_score_higher_and_the_threshold_decides(miais, noisy):
    files = [noisy(f"{percent}.png", percent / 100, side=128) for percent in (0, 100)]
    clean, full = miais("steganalyze", *files, "--json").records
    assert clean["fused"] < full["fused"]
    between = (clean["fused"] + full["fused"]) / 2
    assert [r["stego"] for r in miais("steganalyze", *files, "--threshold", between, "--json").records] == [False, True]


def test_what_has_no_answer_is_null_with_a_reason(miais, tmp_path):
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    (record,) = miais("steganalyze", tmp_path / "dot.png", "--json").records
    assert record["fused"] is None
    assert record["stego"] is False
    assert "fused is nan" in record["reason"]


def test_folder_unreadable_file_and_csv(miais, noisy, tmp_path):
    folder = noisy("many/b.png", 0.2).parent
    noisy("many/a.png", 0.2, seed=1)
    (folder / "broken.png").write_bytes(b"broken")
    (folder / "manifest.jsonl").write_text("{}\n")
    result = miais("steganalyze", folder, "--csv", tmp_path / "scores.csv", "--json")
    assert result.exit_code == 1
    assert [record["file"] for record in result.records] == [
        str(folder / f"{name}.png") for name in ("a", "b", "broken")
    ]
    assert result.records[2]["fused"] is None
    assert "broken.png" in result.records[2]["error"]
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["fused"]) for row in rows[:2]] == [record["fused"] for record in result.records[:2]]
    assert rows[2]["fused"] == "null"
    assert rows[0]["chi_square"] == "null"
    assert not list(tmp_path.glob(".*.tmp"))


def test_two_workers_find_the_same_in_the_same_order(miais, noisy):
    files = [noisy(f"{seed}.png", 0.1 * seed, seed) for seed in range(5)]
    alone = miais("steganalyze", *files, "--workers", 1, "--json")
    together = miais("steganalyze", *files, "--workers", 2, "--json")
    assert together.records == alone.records


def test_fast_mode_leaves_out_what_it_does_not_need(miais, noisy):
    (record,) = miais("steganalyze", noisy("a.png", 0.0), "--fast", "--threshold", 1, "--json").records
    assert record["primary_sets"] is not None
    assert record["rs"] is None


def test_the_files_own_rows_count_whatever_its_orientation(miais, noisy, tmp_path):
    path = noisy("a.png", 0.3)
    exif = Image.Exif()
    exif[274] = 6
    Image.open(path).save(tmp_path / "turned.png", exif=exif)
    upright, turned = miais("steganalyze", path, tmp_path / "turned.png", "--json").records
    assert {key: turned[key] for key in KEYS - {"file", "message_bytes"}} == {
        key: upright[key] for key in KEYS - {"file", "message_bytes"}
    }


def test_grey_of_four_bits_is_not_taken_as_linear_light(miais, tmp_path):
    levels = np.random.default_rng(0).integers(0, 16, (32, 32), dtype=np.uint8)
    path = tmp_path / "four.png"
    path.write_bytes(_grey_png(levels))
    (record,) = miais("steganalyze", path, "--json").records
    report = stegexpose_report(np.repeat((levels * 17)[..., None], 3, axis=2))
    assert (record["rs"], record["sample_pairs"]) == (report.rs, report.sample_pairs)


def _grey_png(levels):
    """Make a PNG of four bits by hand: Pillow writes none."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", levels.shape[1], levels.shape[0], 4, 0, 0, 0, 0)
    rows = b"".join(b"\0" + bytes(row[0::2] << 4 | row[1::2]) for row in levels)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_table_says_how_many_are_suspicious(miais, noisy):
    result = miais("steganalyze", noisy("a.png", 0.0), noisy("b.png", 1.0, side=128), "--threshold", 0.9)
    assert result.exit_code == 0
    assert "a.png" in result.stdout
    assert "of 2 pictures score above 0.9" in result.stdout


@pytest.mark.parametrize("arguments", [("--csv", "nowhere/scores.csv"), ("--threshold", 2), ("--workers", 0)])
def test_wrong_usage_is_refused(miais, noisy, arguments):
    assert miais("steganalyze", noisy("a.png", 0.0), *arguments).exit_code == 2


def test_a_csv_file_does_not_replace_a_picture(miais, noisy):
    path = noisy("a.png", 0.0)
    before = path.read_bytes()
    assert miais("steganalyze", path, "--csv", path).exit_code == 2
    assert path.read_bytes() == before


def test_a_folder_without_pictures_is_an_error(miais, tmp_path):
    result = miais("steganalyze", tmp_path)
    assert result.exit_code == 1
    assert "no pictures" in result.stderr


@pytest.mark.shared
def test_the_real_tools_pictures_have_its_scores(miais):
    folder = shared_folder() / "reference" / "stegexpose"
    with (folder / "expected.csv").open(newline="") as file:
        expected = {row["file"]: row for row in csv.DictReader(file)}
    records = miais("steganalyze", folder / "png", "--json").records
    names = {"primary_sets": "ps", "sample_pairs": "sp", "rs": "rs", "chi_square": "cs", "fused": "fused"}
    seen = 0
    for record in records:
        row = expected.get(record["file"].rpartition("/")[2])
        if row is None:
            continue
        seen += 1
        for key, column in names.items():
            theirs = None if row[column] in ("null", "NaN") else float(row[column])
            assert record[key] == (None if theirs is None else pytest.approx(theirs, abs=1e-9)), (record["file"], key)
        assert record["stego"] == (row["stego_0.2"] == "true")
        assert record["message_bytes"] == int(row["msg_bytes"])
    assert seen == len(expected)
