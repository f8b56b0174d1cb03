"""Small worlds: a few digits in the bundled photographs, and twelve people in a protocol of their own."""

import importlib.util
import json
from dataclasses import replace

import pytest
from support.people_world import COVERS, IMAGES, PEOPLE, SECRETS, write_people_world
from support.systems import tiny_card

from miais.card import read_card, write_card
from miais.cli import evaluate_run, scoring
from miais.cli.evaluate import Distortion
from miais.data.secrets import SecretSet, digits
from miais.distortions import DISTORTIONS
from miais.system import StegoSystem

needs_photographs = pytest.mark.skipif(
    importlib.util.find_spec("skimage") is None, reason="the covers come with scikit-image"
)


@pytest.fixture
def digits_system(tmp_path, monkeypatch):
    """A folder with an untrained system of digits, which is scored on a few of them only."""

    def few(image_size, split, every):
        secrets = digits(image_size, split)
        return SecretSet({name: name[0] for name in secrets.names[::30]}, secrets._decode, image_size)

    monkeypatch.setattr(scoring, "digits", few)
    card = replace(tiny_card(), num_identities=10, training={"data": {"secrets": "digits"}})
    StegoSystem.build(card).save(tmp_path / "digits")
    return tmp_path / "digits"


@pytest.fixture
def world(picture, tmp_path):
    """Options that name a protocol and its data."""
    protocol, data_root = write_people_world(tmp_path, picture)
    sets = ("--covers", COVERS, "--secrets", SECRETS)
    return ("--protocol", protocol, "--data-root", data_root, *sets)


@needs_photographs
def test_digits_as_json_and_on_record(miais, digits_system, tmp_path):
    """They were recorded under the cover set that the user had named, or the default one, and neither was used."""
    result = miais("evaluate", digits_system, "--json", "--record", "--keep", tmp_path / "kept")
    assert result.exit_code == 0, result.stderr
    (scores,) = result.records
    assert scores["container"]["images"] == len(list((tmp_path / "kept").glob("*.png"))) > 10
    assert 0 <= scores["accuracy"] <= 1
    assert list(read_card(digits_system).metrics) == ["test/scikit-image/none"]
    assert read_card(digits_system).metrics["test/scikit-image/none"] == scores


@needs_photographs
def test_digits_of_the_validation_split_after_a_distortion_as_a_table(miais, digits_system):
    result = miais("evaluate", digits_system, "--split", "val", "--distortion", "jpeg75", "--record")
    assert result.exit_code == 0, result.stderr
    for word in ("jpeg75", "accuracy", "PSNR", "paired accuracy drop"):
        assert word in result.stdout
    assert list(read_card(digits_system).metrics) == ["val/scikit-image/jpeg75"]


def meanwhile(monkeypatch, change):
    """Let somebody else change the system's folder while it is being scored."""
    score = evaluate_run.score_digits

    def slow(*arguments):
        results = score(*arguments)
        change()
        return results

    monkeypatch.setattr(evaluate_run, "score_digits", slow)


@needs_photographs
def test_what_was_written_into_the_card_meanwhile_stays(miais, digits_system, monkeypatch):
    """A calibration ended while the system was being scored, and its thresholds were lost."""
    card = read_card(digits_system)
    meanwhile(monkeypatch, lambda: write_card(digits_system, replace(card, metrics={"validation": {"accuracy": 0.5}})))
    assert miais("evaluate", digits_system, "--record").exit_code == 0
    assert set(read_card(digits_system).metrics) == {"validation", "test/scikit-image/none"}


@needs_photographs
def test_scores_of_a_system_that_was_replaced_meanwhile_are_not_recorded(miais, digits_system, monkeypatch):
    card = read_card(digits_system)
    meanwhile(monkeypatch, lambda: StegoSystem.build(card).save(digits_system))
    result = miais("evaluate", digits_system, "--record", "--json")
    assert result.exit_code != 0
    assert len(result.records) == 1  # they are printed all the same
    assert "another system lies there now" in " ".join(result.stderr.split())
    assert read_card(digits_system).metrics == {}


@pytest.mark.parametrize("option", ["--covers", "--secrets", "--protocol", "--data-root"])
def test_options_that_digits_do_not_heed_are_wrong_usage(miais, digits_system, option):
    """`--covers no-such-set` was ignored and yet stood in the card."""
    result = miais("evaluate", digits_system, option, "no-such", "--record")
    assert result.exit_code == 2
    assert f"leave out {option}" in " ".join(result.stderr.split())
    assert read_card(digits_system).metrics == {}


def test_faces_as_json_with_null_and_a_reason_for_what_too_few_pairs_cannot_tell(miais, tiny_multi, world):
    """NaN inside a part of the scores was "not JSON compliant", and the whole evaluation was lost."""
    result = miais("evaluate", tiny_multi, *world, "--json")
    assert result.exit_code == 0, result.stderr
    (scores,) = result.records
    assert scores["container"]["images"] == 3 * PEOPLE * IMAGES
    assert scores["hidden"]["verification"]["thresholds"]["0.001"][0] is None
    assert "hidden.verification.thresholds.0.001.0 is nan" in scores["reason"]
    assert 0 <= scores["hidden"]["identification"]["rank_1"] <= 1
    assert scores["restored"]["mean_psnr_db"] > 0


def test_several_distortions_score_the_same_containers(miais, tiny, world, tmp_path):
    one, several = (
        miais("evaluate", tiny, *world, "--json", *options)
        for options in (("--distortion", "noise1"), ("--distortion", "none", "--distortion", "noise1"))
    )
    assert several.exit_code == 0, several.stderr
    assert [scores["distortion"] for scores in several.records] == ["none", "noise1"]
    assert several.records[1] == one.records[0]
    plain, noisy = several.records
    assert plain["container"] == noisy["container"]
    assert plain["hidden"] != noisy["hidden"]
    table = miais("evaluate", tiny, *world, "--distortion", "none", "--distortion", "noise1").stdout
    assert all(word in table for word in ("StegExpose, AUC", "noise1", "drop [95%]"))


def test_stegexpose_is_asked_about_containers_and_covers(miais, tiny, world):
    (scores,) = miais("evaluate", tiny, *world, "--json").records
    detected = scores["stegexpose"]
    assert detected["containers"] == 3 * PEOPLE * IMAGES
    assert detected["covers"] == 4
    assert detected["auc_low"] <= detected["auc"] <= detected["auc_high"]


def test_faces_of_the_validation_split_as_a_table(miais, tiny, world):
    result = miais("evaluate", tiny, *world, "--split", "val", "--distortion", "noise1")
    assert result.exit_code == 0, result.stderr
    for word in ("noise1", "Acc, 10 folds", "VAL@FAR 1e-2"):
        assert word in result.stdout
    assert "rank-1" not in result.stdout


@needs_photographs
def test_scores_are_printed_even_if_the_card_cannot_be_written(miais, digits_system, monkeypatch):
    """The card came first, so that its PermissionError lost the scores."""

    def refuse(folder, card):
        raise PermissionError(13, "Permission denied", str(folder / "card.json"))

    monkeypatch.setattr(evaluate_run, "write_card", refuse)
    result = miais("evaluate", digits_system, "--json", "--record")
    assert result.exit_code == 1
    assert "card.json" in result.stderr
    assert result.records[0]["container"]["images"] > 10


def test_system_of_faces_without_its_data_is_wrong_usage(miais, tiny):
    result = miais("evaluate", tiny)
    assert result.exit_code == 2
    assert "give --protocol and --data-root" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("wrong", "exit_code", "message"),
    [
        (("--covers", "no-such"), 1, "unknown cover set and split"),
        (("--secrets", "no-such"), 1, "the set 'no-such'"),
        (("--protocol", "no-such"), 1, "lfw160-split.csv"),
        (("--split", "train"), 2, "'test', 'val'"),
        (("--distortion", "jpeg"), 2, "'jpeg90', 'jpeg75'"),
    ],
)
def test_what_is_not_there_is_named(miais, tiny, world, wrong, exit_code, message):
    result = miais("evaluate", tiny, *world, *wrong, "--json")
    assert result.exit_code == exit_code
    assert message in " ".join(result.stderr.split())
    assert result.records == []


def test_folder_of_a_run_leads_to_its_system(miais, digits_system):
    run = digits_system.parent / "run"
    run.mkdir()
    digits_system.rename(run / "system")
    result = miais("evaluate", run)
    assert result.exit_code == 1
    assert f"give {run / 'system'} instead" in result.stderr


@pytest.mark.parametrize("training", [{"data": ["digits"]}, {}])
def test_card_that_does_not_say_digits_means_people(miais, digits_system, training):
    """A list where a mapping belongs was an AttributeError."""
    content = json.loads((digits_system / "card.json").read_text())
    (digits_system / "card.json").write_text(json.dumps(content | {"training": training}))
    assert miais("evaluate", digits_system).exit_code == 2


def test_help_lists_all_distortions(miais):
    assert [kind.value for kind in Distortion] == ["none", *DISTORTIONS]
    text = miais("evaluate", "--help").stdout
    assert all(name in text for name in DISTORTIONS)
