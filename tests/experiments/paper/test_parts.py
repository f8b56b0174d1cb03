"""Parts of the paper's experiments that can be checked by hand."""

import importlib.util
import json
import signal
from dataclasses import replace
from functools import partial

import pytest
import torch
from support.people_world import COVERS, SECRETS, write_people_world
from support.small_training import cpu_fabric
from support.systems import tiny_card

from miais.data.secrets import digits
from miais.experiments.panel import write_panel
from miais.experiments.paper.columns import fact, number
from miais.experiments.paper.features import first_planes, most_shown, silhouette, t_sne
from miais.experiments.paper.page import write_page
from miais.experiments.paper.published import PUBLISHED
from miais.experiments.paper.scores import one_cover_each, open_bench, score
from miais.experiments.paper.table import PaperTable, SeededRow, fill, over_seeds
from miais.experiments.paper.workshop import Workshop
from miais.experiments.paper.worlds import FACES, FEW_FACES, NUMERALS, OBJECTS, SCALES, Places
from miais.experiments.results import ResultFolder
from miais.experiments.seeds import spread
from miais.recipes import get_recipe
from miais.system import StegoSystem
from miais.system_folder import find_system
from miais.training.loop import TrainingLoop

PHOTOGRAPHS = pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="photographs of scikit-image")


def test_seeds_are_spread_however_deep_and_none_stays_none():
    found = spread([{"a": 1, "b": {"c": None}}, {"a": 3, "b": {"c": None}}])
    assert found == {"a": {"mean": 2, "low": 1, "high": 3}, "b": {"c": None}}


def test_numbers_stand_with_their_intervals():
    scores = [{"dr": value, "dr_low": value - 1, "dr_high": value + 1, "container": {"mse": 0.25}} for value in (2, 4)]
    rows = [{"values": {"facts": {}, "scores": each}, "provenance": {}} for each in scores]
    record = over_seeds("x", rows)
    assert number("DR", "dr", digits=1).cell(record) == "3.0 [2.0, 4.0]"
    assert number("MSE", "container", "mse").cell(record) == "0.2500"
    assert number("restored", "restored", "mse").cell(record) == ""


def test_recipes_for_faces_have_triplets_and_those_for_known_labels_have_none():
    small = SCALES["small"]
    faces, objects = (small.recipe("paper_single", world, seed=3) for world in (FACES, OBJECTS))
    assert faces.data.triplets
    assert faces.minimax.losses.identity.triplet > 0
    assert not objects.data.triplets
    assert objects.minimax.losses.identity.triplet == objects.pretrain.identity.triplet == 0
    assert (faces.networks.image_size, objects.networks.image_size) == (112, 64)
    assert faces.phase.steps == objects.phase.steps
    assert small.recipe("paper_single", FEW_FACES, seed=0).data.pictures == 10
    assert small.recipe("peer_hinet", FACES, seed=0, covers=("lakes",)).data.covers == ("lakes",)
    whole = SCALES["paper"].recipe("paper_single", FACES, seed=5)
    assert whole == replace(get_recipe("paper_single"), seed=5)


def test_faces_of_the_small_scale_take_the_bundled_recognizer(tmp_path):
    workshop = Workshop(cpu_fabric(), SCALES["small"], Places(), tmp_path, lambda *progress: None)
    assert workshop.recognizer(FACES) == find_system("lfw-single")
    spec = SCALES["small"].recipe("paper_single", FACES, seed=0).networks.classifier
    card = json.loads((find_system("lfw-single") / "card.json").read_text())
    assert card["networks"]["secret_classifier"] == {"kind": spec.kind, "arguments": dict(spec.arguments)}


def test_ctrl_c_after_the_last_step_stops_as_one_before_it(tmp_path, monkeypatch):
    """It once ended a training that was at its end anyway, and the next row began."""
    validate = TrainingLoop._validate

    def interrupted(loop, *arguments):
        validate(loop, *arguments)
        if loop.folder.name == "minimax" and loop.step == loop.phase.steps:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(TrainingLoop, "_validate", interrupted)
    workshop = Workshop(cpu_fabric(), SCALES["tiny"], Places(), tmp_path, lambda *progress: None)
    recipe = SCALES["tiny"].recipe("paper_single", NUMERALS, seed=0)
    with pytest.raises(KeyboardInterrupt):
        workshop.system(recipe, "numerals", start_from=None)
    assert workshop.system(recipe, "numerals", start_from=None).card.name == recipe.name  # it was finished all the same


def test_people_are_scored_by_the_protocol_in_one_cover_each(picture, tmp_path):
    protocol, root = write_people_world(tmp_path, picture)
    world = replace(FACES, secrets=SECRETS, covers=(COVERS,))
    bench = open_bench(world, SCALES["tiny"], Places(root, protocol), COVERS, 32)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        system = StegoSystem.build(tiny_card())
    counts = []
    found = score(system, bench, lambda done, total: counts.append((done, total)))
    assert counts[-1][0] == counts[-1][1] == len(bench.people.covers)
    assert found["restored"] is None
    for name in ("accuracy", "dr", "drop"):
        assert found[f"{name}_low"] <= found[name] <= found[f"{name}_high"]
    assert found["drop"] == pytest.approx(100 * (found["plain"] - found["accuracy"]), abs=1e-6)
    assert found["container"]["images"] == counts[-1][1]
    assert bench.covers.pixels(0).shape == (3, 32, 32)


@PHOTOGRAPHS
def test_digits_are_few_and_each_has_a_cover_of_its_size():
    bench = open_bench(NUMERALS, SCALES["tiny"], Places(), "any", 24)
    assert len(bench.secrets) <= SCALES["tiny"].secrets
    assert [cover.shape for (cover,) in one_cover_each(bench)] == [(3, 24, 24)] * len(bench.secrets)


def test_people_most_shown_come_first():
    secrets = digits(8, "test")
    chosen = most_shown(secrets, 3, 5)
    assert len(chosen) == 15
    counts = torch.bincount(secrets.labels)
    assert set(secrets.labels[chosen].tolist()) == set(counts.argsort(descending=True, stable=True)[:3].tolist())


def test_features_that_are_apart_stay_apart():
    labels = torch.arange(3).repeat_interleave(10)
    features = torch.eye(3)[labels] + 0.01 * torch.rand(30, 3, generator=torch.Generator().manual_seed(0))
    assert silhouette(features, labels) > 0.9
    assert silhouette(features, labels.roll(5)) < 0.5
    points = torch.from_numpy(t_sne(features, seed=0))
    assert points.shape == (30, 2)
    assert silhouette(points, labels) > 0.5


def test_the_papers_tables_have_a_cell_for_each_column():
    for published in PUBLISHED.values():
        assert {len(row) for row in published.rows} == {len(published.columns)}


def test_the_page_shows_every_folder_and_escapes_what_is_in_it(tmp_path):
    for name in ("table3", "fig7"):
        folder = tmp_path / name
        folder.mkdir()
        provenance = {"rows": "1", "command": "miais <x>", "data": {"experiment": name}}
        table = {"title": f"<{name}>", "columns": ["a"], "cells": [["<b>"]], "notes": [], "provenance": provenance}
        (folder / "table.json").write_text(json.dumps(table))
    (tmp_path / "fig7" / "a b.png").touch()
    page = write_page(tmp_path, ["table3"]).read_text()
    assert page.count("<section") == 2
    assert page.index('<section id="table3"') < page.index('<section id="fig7"')
    assert 'src="fig7/a%20b.png"' in page
    assert "&lt;table3&gt;" in page
    assert "<b>" not in page
    assert page.count("The paper's own numbers") == 1


def test_no_row_is_begun_when_the_time_is_over_and_the_next_call_goes_on(tmp_path):
    computed = []

    def compute(name, seed):
        computed.append((name, seed))
        return {"value": 1.0}

    rows = [SeededRow(name, {"name": name}, {}, partial(compute, name)) for name in ("a", "b")]
    table = PaperTable("T", rows, (fact("name", "name"), number("value", "value")), (), ())
    results = ResultFolder(tmp_path, {})
    assert fill(table, [0, 1], 0, results, until=0.0) == (None, False)
    assert computed == []
    content, complete = fill(table, [0, 1], 0, results)
    assert complete
    assert [row["values"]["seeds"] for row in content["rows"]] == [1, 1]
    content, _ = fill(table, [0, 1], 1, results)
    assert [row["values"]["seeds"] for row in content["rows"]] == [2, 2]
    assert computed == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]
    assert fill(table, [0, 1], 0, results).content["rows"] == content["rows"]
    assert len(computed) == 4


def test_rows_without_what_their_figure_is_drawn_from_make_a_table_all_the_same(tmp_path, caplog):
    row = SeededRow("a", {"name": "a"}, {}, lambda seed: {"value": 1.0})
    draw = partial(write_panel, tmp_path / "panel.png", tmp_path / "strips")
    table = PaperTable("T", [row], (fact("name", "name"),), (), (), lambda records: draw({"a": "a"}))
    content, complete = fill(table, [0], 0, ResultFolder(tmp_path, {}))
    assert complete
    assert content["cells"] == [["a"]]
    assert "no strips to draw panel.png from" in caplog.text
    with pytest.raises(FileNotFoundError, match="has no planes"):
        first_planes(tmp_path, "planes-*.json")
