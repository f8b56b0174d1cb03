"""Two processes against one with the doubled batch: the same triplets, covers, sizes and distortions are drawn."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from support import process_runs
from support.small_training import cpu_fabric
from torch import nn

from miais.training.processes import average_over_processes, mean_over_processes, moving_statistics

# Without batch statistics only the order of sums differs.
EXACT = 1e-5
# With BatchNorm each process normalises by its own half of the batch: 6 images instead of 12. The losses of one step
# then differ by some percent; how many depends on the batch, as for every DDP training without synchronised BatchNorm.
WITH_BATCH_NORM = 0.25
SMALL = 1e-3  # absolute: the smallest losses here are of that order


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """What each of two processes found."""
    file = tmp_path_factory.mktemp("two") / "result.json"
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, str(Path(process_runs.__file__)), str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)  # noqa: S603
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(file.read_text())


@pytest.mark.parametrize(("kind", "tolerance"), [("plain", EXACT), ("light", WITH_BATCH_NORM)])
def test_two_processes_have_the_losses_of_one_with_the_doubled_batch(two, kind, tolerance):
    wanted = process_runs.logs_of(cpu_fabric(), kind)[:-1]
    assert {name.split("/")[0] for log in wanted for name in log} == {"joint", "A", "B", "loss", "skipped"}
    for process in two:
        for found, expected in zip(process[kind][:-1], wanted, strict=True):
            assert found == pytest.approx(expected, rel=tolerance, abs=min(tolerance, SMALL))
        assert process[kind][-1] == {"apart": 0.0}


def test_a_bad_loss_in_one_process_skips_the_step_in_both(two):
    assert [process["bad"] for process in two] == [[0, 1, 1]] * 2


def test_ctrl_c_in_one_process_stops_both_after_the_same_step(two):
    for process in two:
        assert (process["loop"]["steps"], process["loop"]["interrupted"]) == (3, True)
        assert process["loop"]["files"] == ["best/step-00000002", "checkpoint/step-00000003"]


def test_batch_statistics_are_the_same_in_both_processes(two):
    assert [process["loop"]["statistics apart"] for process in two] == [0.0, 0.0]


def test_one_process_has_nothing_to_average():
    numbers = {"loss": 0.1}
    assert mean_over_processes(cpu_fabric(), numbers) is numbers
    tensor = torch.ones(2)
    average_over_processes([tensor])
    assert tensor.tolist() == [1, 1]


def test_moving_statistics_are_those_of_modules_in_training_mode():
    networks = nn.ModuleList([nn.BatchNorm2d(3), nn.Sequential(nn.BatchNorm1d(2))]).train()
    assert [len(buffer) for buffer in moving_statistics(networks)] == [3, 3, 2, 2]
    networks[1].eval()
    assert [len(buffer) for buffer in moving_statistics(networks)] == [3, 3]
