"""Rows are computed once, and never mixed with those of other settings."""

import json
import math

import pytest

from miais.experiments.results import Column, ResultFolder, RowPlan


@pytest.fixture
def results(tmp_path):
    return ResultFolder(tmp_path / "out", {"commit": "abc", "data": {"secrets": "digits"}})


def plan(name="first", settings=None, values=None, calls=None):
    def compute():
        if calls is not None:
            calls.append(name)
        return values or {"accuracy": 0.5}

    return RowPlan(name, settings or {"seed": 0, "data": {"images": 3}}, compute)


def test_a_row_is_computed_once(results):
    calls = []
    first = results.row(plan(calls=calls))
    again = results.row(plan(calls=calls))
    assert calls == ["first"]
    assert first == again == json.loads((results.rows / "first.json").read_text())
    assert first["provenance"]["commit"] == "abc"
    assert first["provenance"]["seconds"] >= 0
    assert [path.name for path in results.rows.iterdir()] == ["first.json"]  # no temporary file


def test_an_interrupted_row_leaves_nothing(results):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        results.row(RowPlan("first", {}, interrupted))
    assert list(results.rows.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"seed": 1, "data": {"images": 3}}, "seed was 0, now 1"),
        ({"seed": 0, "data": {"images": 4}}, "data.images was 3, now 4"),
        ({"seed": 0}, "data.images was 3, now None"),
        ({"seed": 0, "data": {"images": 3}, "minutes": None}, "minutes was None, now None"),
    ],
)
def test_other_settings_are_refused_before_anything_is_computed(results, settings, text):
    results.row(plan())
    calls = []
    with pytest.raises(ValueError, match=f"first.json was made with other settings: {text}.*--out"):
        results.check([plan("second", calls=calls), plan(settings=settings, calls=calls)])
    with pytest.raises(ValueError, match="other settings"):
        results.row(plan(settings=settings, calls=calls))
    assert calls == []


@pytest.mark.parametrize("content", ["", "[]", '{"name": "first"}', '{"settings": 3}', '{"settings": {}}'])
def test_a_damaged_row_is_refused(results, content):
    (results.rows / "first.json").write_text(content)
    with pytest.raises(ValueError, match="remove it"):
        results.check([plan()])


def test_two_rows_of_one_name_are_refused(results):
    with pytest.raises(ValueError, match="first twice"):
        results.check([plan(), plan()])


@pytest.mark.parametrize("name", ["", "../first", "a/b", ".hidden", "a b", "a|b"])
def test_a_name_that_is_no_file_is_refused(name):
    with pytest.raises(ValueError, match="rename the system"):
        RowPlan(name, {}, dict)


def test_the_table_has_every_row_and_where_it_comes_from(results):
    records = [
        results.row(plan("first", values={"accuracy": 0.25, "psnr": math.inf})),
        results.row(plan("second", values={"accuracy": math.nan})),
    ]
    columns = [
        Column("row", lambda record: f"{record['name']}|"),
        Column("Acc", lambda r: str(r["values"]["accuracy"])),
    ]
    table = results.write_table("A title", records, columns, ["A note."])
    assert table == json.loads((results.folder / "table.json").read_text())
    assert [row["values"]["accuracy"] for row in table["rows"]] == [0.25, None]
    assert table["rows"][0]["values"]["psnr"] is None
    text = (results.folder / "table.md").read_text()
    for line in (
        "# A title",
        "| row | Acc |",
        r"| first\| | 0.25 |",
        r"| second\| | None |",
        "* A note.",
        "- commit: abc",
    ):
        assert line in text.splitlines()
    assert "- data: secrets digits" in text
    assert "- rows: 2 of commit abc on None" in text
    assert sorted(path.name for path in results.folder.iterdir()) == ["rows", "table.json", "table.md"]


def test_a_table_says_what_made_its_rows(results):
    """Not only what made the table of them: rows may come from other machines."""

    def made(commit, machine):
        return {"commit": commit, "machine": machine}

    records = [
        {"name": "one", "values": {}, "provenance": [made("abc", "a GPU"), made("abc", "a CPU")]},
        {"name": "two", "values": {}, "provenance": made("abc", "a GPU")},
    ]
    table = results.write_table("A title", records, [Column("row", lambda record: record["name"])])
    assert table["provenance"]["rows"] == "2 of commit abc on a GPU; 1 of commit abc on a CPU"
