"""`miais train steganalyser`: from sources to a detector that `miais steganalyze` uses."""

import json

import pytest
import torch
from safetensors.torch import load_file
from support.people_world import COVERS, write_people_world
from support.systems import tiny_system

from miais.cli import steganalyser_sources
from miais.image import read_image
from miais.steganalysis.learned import YedroudjNet

SMALL = (
    *("--detector", "yedroudj", "--accelerator", "cpu", "--set", "image_size=32"),
    *("--set", "phase.steps=2", "--set", "pairs=2", "--covers", COVERS),
)


@pytest.fixture
def world(tmp_path, picture):
    protocol, data_root = write_people_world(tmp_path, picture)
    return ("--protocol", protocol, "--data-root", data_root)


def trained(miais, *arguments):
    result = miais("train", "steganalyser", *SMALL, *arguments)
    assert result.exit_code == 0, result.stderr
    return " ".join(result.stdout.split())


def test_random_bits_in_covers_of_the_protocol(miais, world, tmp_path):
    out = tmp_path / "run"
    text = trained(miais, *world, "--containers", "lsb-replacement:1", "--clean", "faces", "--out", out)
    assert "22 pairs to train on, 4 to test on" in text
    assert "clean pictures suspected: faces" in text
    card = json.loads((out / "detector" / "detector.json").read_text())
    assert card["scores"]["squares"]["covers"] == card["scores"]["pictures"]["covers"] == 4
    assert len(card["clean"]["test covers"]) == 4
    assert len(card["clean"]["faces"]) == 54
    assert card["training"]["steps"] == 2
    pictures = sorted((tmp_path / "data" / COVERS).iterdir())[:3]
    result = miais("steganalyze", *pictures, "--detector", out / "detector", "--json")
    assert result.exit_code == 0, result.stderr
    assert [record["file"] for record in result.records] == [str(path) for path in pictures]
    for record in result.records:
        assert 0 <= record["score"] <= 1
        assert record["stego"] == (record["score"] > 0.5)
        assert 0 <= record["clean_faces"] <= 1
    result = miais("steganalyze", *pictures, tmp_path / "none.png", "--detector", out / "detector")
    assert result.exit_code == 1
    assert "1 of 4 files could not be read" in result.stderr
    assert "clean" in result.stdout


def test_containers_of_a_system_are_made_once(miais, world, tmp_path, monkeypatch):
    monkeypatch.setattr(steganalyser_sources, "SECRETS", "faces")
    system, out = tiny_system(tmp_path / "tiny"), tmp_path / "run"
    text = trained(miais, *world, "--containers", system, "--pairs", 12, "--out", out)
    assert "12 pairs to train on, 3 to test on" in text
    (folder,) = (out / "containers").iterdir()
    made = {path: path.stat().st_mtime_ns for path in folder.rglob("*.png")}
    assert len(made) == 15
    assert read_image(next(iter(made))).shape == (3, 50, 60)
    result = miais("train", "steganalyser", *SMALL, *world, "--containers", system, "--pairs", 12, "--resume", out)
    assert result.exit_code == 0, result.stderr
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.png")} == made


def test_a_detector_starts_from_another(miais, world, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    trained(miais, *world, "--containers", "lsb-replacement:1", "--out", first)
    still = ("--set", "optimizer.lr=1e-30", "--set", "optimizer.weight_decay=0")
    arguments = (*world, "--containers", "lsb-matching:0.4", "--start-from", first / "detector")
    trained(miais, *arguments, *still, "--out", second)
    weights, again = (load_file(run / "detector" / "detector.safetensors") for run in (first, second))
    for name, _ in YedroudjNet().named_parameters():  # all but the statistics, which every batch moves
        torch.testing.assert_close(weights[name], again[name], rtol=0, atol=1e-20)
    card = json.loads((second / "detector" / "detector.json").read_text())
    before = json.loads((first / "detector" / "detector.json").read_text())
    assert card["training"]["settings"]["start_from"] == before["weights"]
    result = miais(
        "train", "steganalyser", *SMALL, *arguments, "--set", "colours=luminance", "--out", tmp_path / "grey"
    )
    assert result.exit_code == 1
    assert "to start from of kind, size and colours ('yedroudj', 32, 'luminance')" in " ".join(result.stderr.split())


def test_folders_of_miais_hide_and_others_to_try_on(miais, world, tmp_path):
    system, data = tiny_system(tmp_path / "tiny"), tmp_path / "data"
    hidden = tmp_path / "hidden"
    result = miais("hide", data / "faces" / "val0", data / COVERS, "--out", hidden, "--model", system)
    assert result.exit_code == 0, result.stderr  # in the first three covers, which the protocol keeps for the test
    result = miais("train", "steganalyser", *SMALL, "--containers", hidden, "--out", tmp_path / "few")
    assert result.exit_code == 1
    assert "expected ten covers or more to train on, got 2" in " ".join(result.stderr.split())
    others = (*world, "--containers", "lsb-matching:0.4", "--against", hidden)
    assert "22 pairs to train on, 3 to test on" in trained(miais, *others, "--out", tmp_path / "others")
    both = ("--containers", hidden, "--containers", "lsb-matching:0.4", "--against", hidden)
    result = miais("train", "steganalyser", *SMALL, *world, *both, "--out", tmp_path / "both")
    assert result.exit_code == 0, result.stderr
    mixed = trained(miais, *world, *both, "--split", "random", "--out", tmp_path / "random")
    assert "23 pairs to train on" in mixed  # 2 of 3, and 21 of 26


def test_interrupted_it_goes_on_with_the_same_settings_alone(miais, world, tmp_path):
    arguments = (*world, "--containers", "lsb-matching:0.4")
    out = tmp_path / "run"
    result = miais("train", "steganalyser", *SMALL, *arguments, "--minutes", 0, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "Go on with: miais train steganalyser --resume" in " ".join(result.stdout.split())
    assert not (out / "detector").exists()
    result = miais("train", "steganalyser", *SMALL, *arguments, "--resume", out, "--set", "seed=5")
    assert result.exit_code == 1
    assert "seed was 0, now 5" in " ".join(result.stderr.split())
    assert "2 steps" in trained(miais, *arguments, "--resume", out)
    assert (out / "detector" / "detector.safetensors").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say what to train on"),
        (("--containers", "nothing"), "expected a system, a folder"),
        (("--containers", "lsb-matching:2"), "0 < RATE <= 1"),
        (("--containers", "lsb-matching:0.4"), "give --data-root"),
        (("--containers", "lsb-matching:0.4", "--recognizer", "r"), "does not heed it"),
        (("--containers", "lsb-matching:0.4", "--set", "imagesize=3"), "did you mean 'image_size'"),
        (("--containers", "lsb-matching:0.4", "--set", "amplify=-8"), "expected amplify of at least 1, got -8"),
        (("--containers", "lsb-matching:0.4", "--set", "amplify_share=2"), "expected amplify_share in [0, 1]"),
    ],
)
def test_wrong_usage_says_what_to_give(miais, tmp_path, arguments, message):
    result = miais("train", "steganalyser", *arguments, "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_a_recipe_does_not_take_what_is_a_detectors(miais, tmp_path):
    result = miais("train", "digits", "--detector", "srnet", "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert "digits does not heed it" in " ".join(result.stderr.split())
