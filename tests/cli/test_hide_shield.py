"""`miais hide --check` and `--covers`: containers looked at before they are sent, and no cover used twice."""

import json

import pytest
from support.detectors import untrained_detector

from miais.card import sha256_of
from miais.cli.cover_ledger import LEDGER, CoverLedger
from miais.image import read_image
from miais.steganalysis.stegexpose.files import analyse_file


@pytest.fixture
def secret(picture):
    return picture("secret.png", seed=1)


@pytest.fixture
def covers(picture):
    made = [picture(f"covers/{name}.png", 90, 100, seed=seed) for seed, name in enumerate("abcd", start=2)]
    return made[0].parent


def ledger_of(folder):
    return [json.loads(line) for line in (folder / LEDGER).read_text().splitlines()]


def test_check_says_what_stegexpose_thinks_of_both(miais, tiny, secret, covers, tmp_path):
    cover, out = covers / "a.png", tmp_path / "out.png"
    result = miais("hide", secret, cover, "-o", out, "--model", tiny, "--check", "--json")
    assert result.exit_code == 0, result.stderr
    (record,) = result.records
    (found,) = record["check"]
    assert found["container"] == analyse_file(out).report.fused
    assert found["cover"] == analyse_file(cover).report.fused
    assert (record["warning"] is not None) == (found["clean_share"] < 0.05)
    if record["warning"]:
        assert record["warning"] in result.stderr


def test_without_check_nothing_is_said_of_it(miais, tiny, secret, covers, tmp_path):
    (record,) = miais("hide", secret, covers / "a.png", "-o", tmp_path / "out.png", "--model", tiny, "--json").records
    assert "check" not in record


def test_a_trained_detector_is_asked_too(miais, tiny, secret, covers, tmp_path):
    detector = untrained_detector(tmp_path / "detector")
    command = ("hide", secret, covers / "a.png", "-o", tmp_path / "out.png", "--model", tiny)
    result = miais(*command, "--detector", detector, "--json")
    assert result.exit_code == 0, result.stderr
    assert [found["detector"] for found in result.records[0]["check"]] == ["stegexpose", "yedroudj"]
    result = miais(*command, "--detector", tmp_path / "none")
    assert result.exit_code == 1
    assert "miais train steganalyser" in result.stderr


def test_the_cover_that_hides_best_is_taken_and_none_twice(miais, tiny, secret, covers, tmp_path):
    taken = []
    for number in range(4):
        out = tmp_path / f"out{number}.png"
        result = miais("hide", secret, "-o", out, "--covers", covers, "--model", tiny, "--json")
        assert result.exit_code == 0, result.stderr
        (record,) = result.records
        taken.append(record["cover"])
        assert read_image(out).shape == read_image(record["cover"]).shape
        assert record["container"] == str(out)
    assert sorted(taken) == [str(path) for path in sorted(covers.glob("*.png"))]
    assert [entry["cover"] for entry in ledger_of(covers)] == [path.rsplit("/", 1)[1] for path in taken]
    result = miais("hide", secret, "-o", tmp_path / "more.png", "--covers", covers, "--model", tiny)
    assert result.exit_code == 1
    assert "none of its 4 covers is left" in " ".join(result.stderr.split())
    assert not (tmp_path / "more.png").exists()
    assert not list(tmp_path.glob(".*"))


def test_the_first_choice_is_the_one_that_stands_out_least(miais, tiny, secret, covers, tmp_path):
    command = ("hide", secret, "-o", tmp_path / "out.png", "--covers", covers, "--model", tiny, "--json")
    (best,) = miais(*command).records
    shares = []
    for cover in covers.glob("*.png"):
        arguments = ("hide", secret, cover, "-o", tmp_path / "try.png", "--model", tiny, "--check", "--json")
        shares.append(miais(*arguments).records[0]["check"][0]["clean_share"])
    assert best["check"][0]["clean_share"] == max(shares)


def test_among_says_how_many_are_tried(miais, tiny, secret, covers, tmp_path):
    command = ("hide", secret, "-o", tmp_path / "out.png", "--covers", covers, "--among", 1, "--model", tiny, "--json")
    assert miais(*command).records[0]["cover"] == str(covers / "a.png")


def test_a_folder_of_secrets_takes_a_cover_for_each_and_keeps_it(miais, tiny, covers, picture, tmp_path):
    secrets = tmp_path / "secrets"
    for number in range(3):
        picture(f"secrets/{number}.png", seed=20 + number)
    out = tmp_path / "out"
    command = ("hide", secrets, "-o", out, "--covers", covers, "--model", tiny)
    result = miais(*command, "--json")
    assert result.exit_code == 0, result.stderr
    assert len({record["cover"] for record in result.records}) == 3
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.png")}
    result = miais(*command)
    assert result.exit_code == 0, result.stderr
    assert "done by an earlier run" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in out.glob("*.png")} == before
    assert len(ledger_of(covers)) == 3
    picture("secrets/3.png", seed=30)
    picture("secrets/4.png", seed=31)
    result = miais(*command, "--json")
    assert result.exit_code == 1
    assert ["error" in record for record in result.records] == [False, False, False, False, True]


def test_a_copy_of_a_used_cover_counts_as_used(covers):
    ledger = CoverLedger(covers)
    assert ledger.claim(covers / "a.png", covers / "container.png")
    copy = covers / "z.png"
    copy.write_bytes((covers / "a.png").read_bytes())
    assert not ledger.claim(copy, covers / "other.png")
    assert sha256_of(copy) in ledger.used()
    assert copy not in list(ledger.unused(sorted(covers.glob("*.png"))))


def test_a_damaged_ledger_is_not_read_around(miais, tiny, secret, covers, tmp_path):
    (covers / LEDGER).write_text('{"sha256": "ab"}\n{"sha2')
    result = miais("hide", secret, "-o", tmp_path / "out.png", "--covers", covers, "--model", tiny)
    assert result.exit_code == 1
    assert "line 2: damaged" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("a.png", "--covers", "."), "leave out"), (("--covers", "a.png"), "expected a folder"), ((), "--covers")],
)
def test_wrong_usage(miais, tiny, secret, covers, monkeypatch, arguments, message):
    monkeypatch.chdir(covers)
    result = miais("hide", secret, *arguments, "-o", "out.png", "--model", tiny)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
