"""Several processes that compute one folder together."""

import subprocess
import sys

import pytest

from miais.experiments.paper.columns import METHOD
from miais.experiments.paper.sharing import TakenElsewhereError, claimed
from miais.experiments.paper.table import PaperTable, SeededRow, fill
from miais.experiments.results import ResultFolder

HOLD = """
import sys, time
from pathlib import Path
from miais.experiments.paper.sharing import claimed
with claimed(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def table_of(**rows):
    """A table whose rows are computed by functions."""
    made = [SeededRow(name, {"method": name}, {}, compute) for name, compute in rows.items()]
    return PaperTable("T", made, (METHOD,), (), (METHOD,))


def never(seed):
    """Compute nothing."""
    raise AssertionError("another process is computing this row")


def test_what_another_process_makes_is_left_to_it_until_it_is_killed(tmp_path):
    path = tmp_path / "new" / "system"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603
        assert other.stdout.readline() == "held\n"
        with pytest.raises(TakenElsewhereError), claimed(path):
            pass
        other.kill()
    with claimed(path):
        pass


def test_a_row_that_another_process_computes_is_left_out_and_then_taken_from_it(tmp_path):
    results = ResultFolder(tmp_path, {})
    with claimed(results.rows / "a-0"):
        content, complete = fill(table_of(a=never, b=lambda seed: {"x": 1.0}), [0], 0, results)
    assert not complete
    assert [row["name"] for row in content["rows"]] == ["b"]

    fill(table_of(a=lambda seed: {"x": 2.0}), [0], 0, ResultFolder(tmp_path, {}))  # the other process
    content, complete = fill(table_of(a=never, b=never), [0], 0, results)
    assert complete
    assert [row["values"]["scores"]["x"]["mean"] for row in content["rows"]] == [2.0, 1.0]


def test_a_row_that_needs_what_another_process_trains_is_left_out(tmp_path):
    def needs_a_system(seed):
        with claimed(tmp_path / "system"):
            return {"x": 1.0}

    results = ResultFolder(tmp_path / "out", {})
    with claimed(tmp_path / "system"):
        assert fill(table_of(a=needs_a_system), [0], 0, results) == (None, False)
    assert fill(table_of(a=needs_a_system), [0], 0, results).complete
