"""`miais experiment --tiny`: everything end to end, on bundled data."""

import importlib.util
import json
import math
from dataclasses import replace

import pytest
import torch
from support.detectors import untrained_detector
from support.people_world import COVERS, IMAGES, PEOPLE, SECRETS, write_people_world
from support.systems import tiny_card

from miais.card import SystemCard
from miais.image import read_image
from miais.recipes import get_recipe
from miais.system import StegoSystem

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("skimage", "matplotlib")),
    reason="covers come with scikit-image, the panel is drawn with matplotlib",
)
ROWS = [
    "plain-secret",
    "mean-face",
    "system-itself",
    "plain-recognizer",
    "other-stranger",
    "inverter-100",
    "inverter-all",
    "known-cover",
    "with-weights",
]


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """Another untrained system."""
    folder = tmp_path_factory.mktemp("systems") / "stranger"
    with torch.random.fork_rng():
        torch.manual_seed(2)
        StegoSystem.build(replace(tiny_card(), name="stranger")).save(folder)
    return folder


def test_every_row_file_and_figure_and_a_second_call_that_computes_nothing(miais, tiny, stranger, tmp_path):
    out = tmp_path / "out"
    command = ("experiment", "privacy", tiny, "--tiny", "--recognizer", stranger, "--other", stranger, "--out", out)
    result = miais(*command, "--json")
    assert result.exit_code == 0, result.stderr
    (table,) = result.records
    assert [row["name"] for row in table["rows"]] == ROWS
    values = {row["name"]: row["values"] for row in table["rows"]}
    assert values["plain-secret"]["likeness"]["ms_ssim"] == pytest.approx(1.0)
    assert values["plain-secret"]["likeness"]["mean_psnr_db"] is None
    assert values["mean-face"]["likeness"]["mean_psnr_db"] > 5
    assert values["plain-recognizer"]["plain"]["accuracy"] > 0
    assert values["inverter-100"]["train_pairs"] == 100
    assert values["with-weights"]["training"]["steps"] == 3
    assert table["provenance"]["system"] == "tiny"
    assert json.loads((out / "table.json").read_text()) == table
    assert sorted(path.stem for path in (out / "rows").iterdir()) == sorted(ROWS)
    assert (out / "table.md").read_text().count("\n| ") == len(ROWS) + 2
    assert read_image(out / "panel.png").shape[0] == 3

    before = {path: path.stat().st_mtime_ns for path in (out / "rows").iterdir()}
    result = miais(*command)
    assert result.exit_code == 0, result.stderr
    assert "with-weights" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in (out / "rows").iterdir()} == before
    assert "containers to" not in result.stderr

    result = miais(*command, "--seed", 1)
    assert result.exit_code == 1
    assert "seed was 0, now 1" in result.stderr


def test_the_systems_own_classifier_is_no_stranger(miais, tiny, tmp_path):
    result = miais("experiment", "privacy", tiny, "--tiny", "--recognizer", tiny, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "no part in the making" in result.stderr
    result = miais("experiment", "privacy", tiny, "--tiny", "--other", tiny, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "expected another system" in result.stderr
    assert list((tmp_path / "out" / "rows").iterdir()) == []


def test_people_of_a_protocol(miais, tiny, picture, tmp_path, monkeypatch):
    monkeypatch.setattr("miais.experiments.privacy.people.COVER_SIDE", 64)
    protocol, data_root = write_people_world(tmp_path, picture)
    sets = ("--protocol", protocol, "--data-root", data_root, "--covers", COVERS, "--secrets", SECRETS)
    budget = ("--minutes", 0.001, "--pairs", 10)
    result = miais("experiment", "privacy", tiny, *sets, *budget, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.stderr
    (table,) = result.records
    names = [row["name"] for row in table["rows"]]
    assert names == ["plain-secret", "mean-face", "system-itself", "inverter-all", "known-cover", "with-weights"]
    assert table["provenance"]["data"]["test_images"] == PEOPLE * IMAGES
    assert table["rows"][2]["values"]["matching"]["pairs"] == 3 * 2 * PEOPLE
    assert table["rows"][3]["values"]["train_pairs"] == 10
    assert any("--recognizer" in note for note in table["notes"])


def test_people_need_a_protocol(miais, tiny, tmp_path):
    result = miais("experiment", "privacy", tiny, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "give --protocol and --data-root" in " ".join(result.stderr.split())


def test_options_that_are_not_heeded_are_wrong_usage(miais, tiny, tmp_path):
    result = miais("experiment", "privacy", tiny, "--tiny", "--covers", "mine", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "leave out --covers" in " ".join(result.stderr.split())


def test_an_unknown_experiment_is_wrong_usage(miais, tiny, tmp_path):
    assert miais("experiment", "piracy", tiny, "--out", tmp_path).exit_code == 2


def test_strength_traces_a_curve_for_each_system(miais, tiny, stranger, tmp_path):
    out = tmp_path / "out"
    command = ("experiment", "strength", tiny, "--other", stranger, "--tiny", "--out", out)
    result = miais(*command, "--strength", 0.5, "--strength", 1, "--json")
    assert result.exit_code == 0, result.stderr
    (table,) = result.records
    assert [row["name"] for row in table["rows"]] == ["tiny-0.5", "tiny-1", "stranger-0.5", "stranger-1"]
    decibels = [row["values"]["psnr_db"] for row in table["rows"]]
    assert decibels[0] > decibels[1]
    assert decibels[2] > decibels[3]
    assert read_image(out / "strength.png").shape[0] == 3
    assert (out / "table.md").read_text().count("\n| ") == 4 + 2
    before = {path: path.stat().st_mtime_ns for path in (out / "rows").iterdir()}
    result = miais(*command, "--strength", 0.5)
    assert result.exit_code == 0, result.stderr
    assert "tiny" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in (out / "rows").iterdir()} == before


def test_strength_on_people(miais, tiny, tmp_path, picture):
    protocol, data_root = write_people_world(tmp_path, picture)
    sources = ("--protocol", protocol, "--data-root", data_root)
    command = ("experiment", "strength", tiny, *sources, "--covers", COVERS, "--secrets", SECRETS)
    result = miais(*command, "--strength", 1, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.stderr
    (row,) = result.records[0]["rows"]
    assert row["values"]["low"] <= row["values"]["accuracy"] <= row["values"]["high"]
    assert row["settings"]["covers"] == COVERS


def test_bits_of_two_systems_as_a_table_and_figures(miais, tiny, stranger, tmp_path):
    out = tmp_path / "out"
    command = ("experiment", "bits", tiny, "--other", stranger, "--tiny", "--out", out)
    result = miais(*command, "--json")
    assert result.exit_code == 0, result.stderr
    rows = result.records[0]["rows"]
    assert [row["name"] for row in rows] == ["tiny", "stranger"]
    for row in rows:
        values = row["values"]
        assert sum(values["shares"]) == pytest.approx(1)
        counts = values["differences"][0]
        reach = len(counts) // 2
        changed = 1 - counts[reach] / sum(counts)
        assert max(values["bits"][0]) <= changed  # a value that changed has at least one changed bit
        mean_error = sum(n * (level - reach) ** 2 for row in values["differences"] for level, n in enumerate(row))
        decibels = -10 * math.log10(mean_error / 3 / sum(counts) / 255**2)
        assert decibels == pytest.approx(values["psnr_db"], abs=1.5)  # one is of the mean, the other the mean
        for figure in ("bits", "panel"):
            assert read_image(out / f"{figure}-{row['name']}.png").shape[0] == 3
    result = miais(*command)
    assert result.exit_code == 0, result.stderr
    assert "stranger" in result.stdout


def test_detection_draws_a_curve_for_each_system_and_detector(miais, tiny, stranger, tmp_path):
    out, detector = tmp_path / "out", untrained_detector(tmp_path / "detector")
    command = ("experiment", "detection", tiny, "--other", stranger, "--detector", detector, "--tiny", "--out", out)
    result = miais(*command, "--json")
    assert result.exit_code == 0, result.stderr
    rows = result.records[0]["rows"]
    assert [row["name"] for row in rows] == ["tiny", "stranger"]
    for row in rows:
        detectors = row["values"]["detectors"]
        assert list(detectors) == ["StegExpose", "yedroudj: nothing"]
        for found in detectors.values():
            assert found["auc_low"] <= found["auc"] <= found["auc_high"]
            assert len(found["suspect"]) == found["containers"]
    assert read_image(out / "roc.png").shape[0] == 3
    assert "| StegExpose, AUC [95%] |" in (out / "table.md").read_text()


def test_bits_on_people_take_somebody_else_for_every_cover(miais, tiny, tmp_path, picture):
    protocol, data_root = write_people_world(tmp_path, picture)
    sources = ("--protocol", protocol, "--data-root", data_root)
    command = ("experiment", "bits", tiny, *sources, "--covers", COVERS, "--secrets", SECRETS)
    result = miais(*command, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.stderr
    assert result.records[0]["rows"][0]["values"]["pairs"] >= 2


def test_tiny_ablation_end_to_end_and_a_second_call_that_trains_nothing(miais, tmp_path):
    networks = get_recipe("digits").networks
    torch.manual_seed(0)
    specs = {
        "generator": networks.generator,
        "classifier": networks.classifier,
        "secret_classifier": networks.classifier,
    }
    StegoSystem.build(SystemCard("digits", "single", 32, 10, 41.0, specs)).save(tmp_path / "digits")
    out = tmp_path / "out"
    command = ("experiment", "ablation", tmp_path / "digits", "--tiny", "--seeds", 2, "--out", out)
    result = miais(*command, "--row", "digits-other", "--json")
    assert result.exit_code == 2
    assert "digits-no-minimax" in result.stderr  # what there is
    result = miais(*command, "--row", "digits-untrained", "--json")
    assert result.exit_code == 0, result.stderr
    assert [row["name"] for row in result.records[0]["rows"]] == ["digits-untrained"]
    shared = {path: path.stat().st_mtime_ns for path in (out / "rows").iterdir()}
    assert len(shared) == 2
    result = miais(*command, "--json")
    assert result.exit_code == 0, result.stderr
    (table,) = result.records
    assert [row["name"] for row in table["rows"]] == ["digits-full", "digits-untrained", "digits-no-minimax"]
    for row in table["rows"]:
        assert row["values"]["seeds"] == 2
        assert row["values"]["scores"]["none"]["psnr_db"]["mean"] > 20
    assert read_image(out / "ablation.png").shape[0] == 3
    assert len(list((out / "rows").iterdir())) == 6
    assert {path: path.stat().st_mtime_ns for path in shared} == shared
    assert not list((out / "runs").iterdir())
    before = {path: path.stat().st_mtime_ns for path in (out / "rows").iterdir()}
    result = miais(*command)
    assert result.exit_code == 0, result.stderr
    assert "digits-no-minimax" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in (out / "rows").iterdir()} == before
