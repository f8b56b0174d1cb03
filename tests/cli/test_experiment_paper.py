"""`miais experiment NAME --tiny`: every table and figure of the paper end to end, on digits and bundled photographs."""

import importlib.util
import json
from typing import get_args

import pytest

from miais.cli.experiment import ExperimentName
from miais.experiments.paper import PaperName
from miais.experiments.paper.experiments import PAPER
from miais.experiments.paper.table3 import RECIPES
from miais.experiments.paper.table6 import METHODS
from miais.image import read_image

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("skimage", "matplotlib")),
    reason="covers come with scikit-image, figures are drawn with matplotlib",
)
ROWS = {
    "table3": 4, "table4": 2, "table5": 13, "table6": 7, "table7": 6,
    "fig2": 7, "fig5": 1, "fig6": 4, "fig7": 2, "fig8": 7, "threshold": 5, "lowdata": 2, "alone": 6, "bits": 11,
}  # fmt: skip
FIGURES = {
    "table7": ["table7"], "fig2": ["fig2"], "fig5": ["fig5"], "fig6": ["fig6", "fig6-bundled"], "fig7": ["fig7"],
    "fig8": ["fig8", "fig8-bundled"], "threshold": ["threshold"], "alone": ["alone"],
    "bits": [f"bits-{recipe}-0" for recipe in (*RECIPES, *METHODS)],
}  # fmt: skip


@pytest.fixture(scope="module")
def systems(tmp_path_factory):
    """What is trained, for all of these tests."""
    return tmp_path_factory.mktemp("systems")


def test_every_experiment_of_the_paper_has_a_name_on_the_command_line():
    assert tuple(PAPER) == get_args(PaperName)
    assert set(get_args(ExperimentName)) >= {*PAPER, "all"}
    assert set(ROWS) == set(PAPER)


@pytest.mark.parametrize("name", PAPER)
def test_rows_files_and_figures_and_a_second_call_that_computes_nothing(miais, systems, tmp_path, name):
    out = tmp_path / name
    command = ("experiment", name, "--tiny", "--systems", systems, "--out", out)
    result = miais(*command, "--json")
    assert result.exit_code == 0, result.stderr
    (table,) = result.records
    assert len(table["rows"]) == ROWS[name]
    assert table == json.loads((out / "table.json").read_text())
    assert table["provenance"]["data"] == {"experiment": name, "scale": "tiny"}
    assert all(row["values"]["seeds"] == 1 for row in table["rows"])
    assert [len(cells) for cells in table["cells"]] == [len(table["columns"])] * ROWS[name]
    assert (out / "table.md").read_text().count("\n| ") == ROWS[name] + 2
    assert sorted(path.stem for path in out.glob("*.png")) == sorted(FIGURES.get(name, []))
    for figure in out.glob("*.png"):
        assert min(read_image(figure).shape[1:]) > 100
    page = (out / "index.html").read_text()
    assert page.count("<tr>") >= ROWS[name] + 1
    assert page.count("<img") == len(FIGURES.get(name, []))
    assert ("The paper's own numbers" in page) == name.startswith("table")

    before = {path: path.stat().st_mtime_ns for path in (out / "rows").iterdir()}
    result = miais(*command)
    assert result.exit_code == 0, result.stderr
    assert {path: path.stat().st_mtime_ns for path in (out / "rows").iterdir()} == before


def test_another_seed_is_another_training_and_stands_in_the_same_row(miais, systems, tmp_path):
    command = ("experiment", "table3", "--tiny", "--systems", systems, "--out", tmp_path, "--seeds", 2, "--json")
    result = miais(*command)
    assert result.exit_code == 0, result.stderr
    (table,) = result.records
    assert len(table["rows"]) == ROWS["table3"]
    for row in table["rows"]:
        assert row["values"]["seeds"] == len(row["provenance"]) == 2
        error = row["values"]["scores"]["container"]["mse"]
        assert error["low"] < error["mean"] < error["high"]


def test_other_settings_than_those_of_the_trained_are_refused(miais, systems, tmp_path):
    made = systems / "digits-paper_single-7"
    made.joinpath("system").mkdir(parents=True)
    source = systems / "digits-paper_single-0"
    settings = json.loads((source / "settings.json").read_text())
    settings["recipe"]["seed"], settings["recipe"]["phase"]["steps"] = 7, 99
    (made / "settings.json").write_text(json.dumps(settings))
    (made / "system" / "card.json").write_bytes((source / "system" / "card.json").read_bytes())
    command = ("experiment", "fig7", "--tiny", "--systems", systems, "--out", tmp_path, "--seed", 7)
    result = miais(*command)
    assert result.exit_code == 1
    assert "phase.steps was 99, now 2" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (("table3", "lfw-single", "--tiny"), 2, "the paper's experiments train their own systems"),
        (("table3", "--tiny", "--covers", "lakes"), 2, "choose secrets and covers themselves"),
        (("table3", "--scale", "paper", "--steps", "3"), 2, "each recipe has its own"),
        (("table3",), 1, "needs 'lfw160'"),
        (("detection", "--tiny"), 2, "this experiment is about a system"),
    ],
)
def test_what_does_not_fit_is_said(miais, tmp_path, arguments, exit_code, message):
    result = miais("experiment", *arguments, "--out", tmp_path / "out")
    assert result.exit_code == exit_code
    assert message in " ".join(result.stderr.replace("│", " ").split())


def test_another_budget_holds_for_every_row(miais, tmp_path):
    result = miais("experiment", "table3", "--tiny", "--steps", 3, "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    rows = [json.loads(path.read_text()) for path in (tmp_path / "rows").glob("*.json")]
    assert [row["settings"]["steps"] for row in rows] == [3] * ROWS["table3"]
    trained = [json.loads(path.read_text()) for path in tmp_path.glob("systems/digits-*/settings.json")]
    assert [settings["recipe"]["phase"]["steps"] for settings in trained] == [3] * ROWS["table3"]
