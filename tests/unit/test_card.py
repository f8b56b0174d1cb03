import hashlib
import json
import math
from dataclasses import asdict, replace

import pytest
from support.systems import CALIBRATION, tiny_card

from miais.card import CARD_FILE, SystemCard, Threshold, read_card, sha256_of, write_card


def full_card(multi=False):
    return replace(
        tiny_card(multi),
        training={"recipe": {"steps": 12, "sizes": [64, 128]}, "commit": "abc", "note": "Zürich"},
        metrics={"test": {"psnr_db": 44.5, "accuracy": 0.9}},
        files={"generator.safetensors": "0" * 64},
    )


def reject_constants(name):
    raise AssertionError(f"{name} is no JSON")


def change_file(folder, **changes):
    """Write a card, then change entries of its JSON; None takes an entry away."""
    write_card(folder, full_card())
    content = json.loads((folder / CARD_FILE).read_text(encoding="utf-8")) | changes
    content = {name: value for name, value in content.items() if value is not None}
    (folder / CARD_FILE).write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("multi", [False, True])
def test_a_card_comes_back_as_it_was_written(tmp_path, multi):
    card = full_card(multi)
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card
    assert [path.name for path in tmp_path.iterdir()] == [CARD_FILE]


def test_a_card_without_a_budget_comes_back(tmp_path):
    write_card(tmp_path, replace(full_card(), psnr_db=None))
    assert read_card(tmp_path).psnr_db is None


def test_a_calibration_comes_back(tmp_path):
    card = replace(full_card(), calibration=CALIBRATION)
    write_card(tmp_path, card)
    assert read_card(tmp_path).calibration == CALIBRATION


def test_a_card_from_before_calibrations_is_read(tmp_path):
    change_file(tmp_path, calibration=None)
    assert "calibration" not in json.loads((tmp_path / CARD_FILE).read_text(encoding="utf-8"))
    assert read_card(tmp_path) == full_card()


@pytest.mark.parametrize("calibration", [{}, [], "none", {**asdict(CALIBRATION), "slope": 1.0}])
def test_a_damaged_calibration_is_refused(tmp_path, calibration):
    change_file(tmp_path, calibration=calibration)
    with pytest.raises(ValueError, match="cannot read the card"):
        read_card(tmp_path)


def test_nan_and_infinity_become_null_in_valid_json(tmp_path):
    """They were once written as NaN and Infinity, which most JSON parsers refuse."""
    metrics = {"psnr_db": math.inf, "val": [0.5, math.nan], "roc": {"eer": -math.inf, "n": 3}}
    write_card(tmp_path, replace(full_card(), metrics=metrics))
    text = (tmp_path / CARD_FILE).read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=reject_constants)["metrics"] == read_card(tmp_path).metrics
    assert read_card(tmp_path).metrics == {"psnr_db": None, "val": [0.5, None], "roc": {"eer": None, "n": 3}}


def test_a_threshold_that_could_not_be_found_stays_nan(tmp_path):
    """As null it would break the comparison with a distance; a distance is never below NaN."""
    write_card(tmp_path, replace(full_card(), thresholds=(Threshold(1e-3, math.nan, math.nan, math.inf),)))
    threshold = read_card(tmp_path).threshold_at(1e-3)
    assert threshold.far == 1e-3
    assert all(math.isnan(value) for value in (threshold.threshold, threshold.low, threshold.high))


def test_threshold_at_finds_the_rate_or_names_those_that_there_are():
    card = tiny_card()
    assert card.threshold_at(0.01).threshold == 1.0
    assert card.threshold_at(0.1).threshold == 1.2
    assert card.threshold_at(1 - 0.99) == card.threshold_at(0.01)
    with pytest.raises(ValueError, match=r"'tiny' has thresholds at the false-accept rates 0.1, 0.01, not at 0.001"):
        card.threshold_at(1e-3)
    with pytest.raises(ValueError, match=r"rates none, not at 0.01"):
        replace(card, thresholds=()).threshold_at(1e-2)


def test_system_hash_depends_on_every_weight_file_and_on_nothing_else():
    files = {"a.safetensors": "1" * 64, "b.safetensors": "2" * 64}
    card = replace(tiny_card(), files=files)
    assert card.system_hash == replace(card, name="other", files=dict(reversed(files.items()))).system_hash
    others = [files | {"b.safetensors": "3" * 64}, {"a.safetensors": "1" * 64}, files | {"c.safetensors": "1" * 64}]
    assert len({card.system_hash, *(replace(card, files=other).system_hash for other in others)}) == 4
    assert len(card.system_hash) == 64


def test_sha256_of_a_file(tmp_path):
    (tmp_path / "file").write_bytes(b"miais")
    assert sha256_of(tmp_path / "file") == hashlib.sha256(b"miais").hexdigest()


def test_a_folder_without_a_card_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=rf"card.json in {tmp_path}, found none.*miais train"):
        read_card(tmp_path)


def test_the_folder_of_a_run_leads_to_its_system(tmp_path):
    """ "train one with `miais train`" was said of the folder that `miais train` had just made."""
    (tmp_path / "system").mkdir()
    write_card(tmp_path / "system", full_card())
    with pytest.raises(FileNotFoundError, match=rf"found none; give {tmp_path / 'system'} instead"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"5", b'"card"', b"null", b"{}", b"\xff\xfe\x00", b'{"format": 1}', b"[" * 100_000],
    ids=["empty", "cut", "list", "number", "text", "null", "nothing", "binary", "format", "deep"],
)
def test_what_is_no_card_is_one_clear_error(tmp_path, content):
    (tmp_path / CARD_FILE).write_bytes(content)
    with pytest.raises(ValueError, match=r"card.json: this version of miais cannot read the card: "):
        read_card(tmp_path)


@pytest.mark.parametrize("card_format", [2, "1", [1]])
def test_another_format_is_refused(tmp_path, card_format):
    change_file(tmp_path, format=card_format)
    with pytest.raises(ValueError, match=r"card.json: .*format 1 is expected, not .*use the version that wrote it"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"task": "both"}, "task 'single' or 'multi', got 'both'"),
        ({"task": []}, "unhashable"),
        ({"task": "multi"}, "networks generator, classifier, secret_classifier, restorer for the task 'multi'"),
        ({"networks": {}}, "got none"),
        ({"networks": []}, "items"),
        ({"networks": {"generator": {"kind": "residual", "weights": 1}}}, "weights"),
        ({"image_size": "32"}, "positive integer as image_size, got '32'"),
        ({"num_identities": 0}, "positive integer as num_identities, got 0"),
        ({"thresholds": [{"far": 0.1}]}, "threshold"),
        ({"thresholds": [1.2]}, "items"),
        (
            {"thresholds": [{"far": "x", "threshold": 1, "low": 1, "high": 1}]},
            "a number as far of a threshold, got 'x'",
        ),
        ({"thresholds": [{"far": 0.1, "threshold": [1], "low": 1, "high": 1}]}, "a number as threshold of a threshold"),
        ({"thresholds": [{"far": 2, "threshold": 1, "low": 1, "high": 1}]}, "far in .0, 1., got 2"),
        ({"psnr_db": "x"}, "psnr_db in .0, 200. or null, got 'x'"),
        ({"psnr_db": -1e9}, "psnr_db"),
        ({"psnr_db": 10**400}, "psnr_db"),
        ({"name": 5}, "expected a str as name, got 5"),
        ({"training": []}, "expected a Mapping as training"),
        ({"metrics": "none"}, "expected a Mapping as metrics"),
        ({"files": "generator.safetensors"}, "dictionary"),
        ({"colour": "green"}, "colour"),
        ({"name": None}, "name"),
    ],
)
def test_damaged_entries_are_named(tmp_path, changes, reason):
    """Some of these once came up as a KeyError or AttributeError while the networks were built, or as a TypeError when
    something was hidden."""
    change_file(tmp_path, **changes)
    with pytest.raises(ValueError, match=rf"card.json: .*{reason}"):
        read_card(tmp_path)


def test_an_undamaged_copy_is_read(tmp_path):
    change_file(tmp_path)
    assert isinstance(read_card(tmp_path), SystemCard)
