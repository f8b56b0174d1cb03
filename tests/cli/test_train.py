"""The command around a run: `tests/training/test_run.py` has the runs themselves."""

import importlib.util
import signal
from typing import get_args

import pytest
import torch

from miais.cli.train import RecipeName
from miais.recipes import RECIPES
from miais.training.pretrain import PretrainTask

needs_photographs = pytest.mark.skipif(
    importlib.util.find_spec("skimage") is None, reason="the covers come with scikit-image"
)
SMALL = [
    *("--accelerator", "cpu"),
    *("--set", "data.workers=0"),
    *("--set", "pretrain.phase.batch=4"),
    *("--set", "networks.generator.arguments.width=8"),
    *("--set", "networks.classifier.arguments.width=8"),
]


def checkpoint_of(folder):
    return folder / "pretrain" / "checkpoint"


@needs_photographs
def test_minutes_stop_a_run_with_exit_code_0_and_it_goes_on(miais, tmp_path):
    out = tmp_path / "run"
    result = miais("train", "digits", *SMALL, "--minutes", "0", "--out", out)
    assert result.exit_code == 0, result.stderr
    text = " ".join(result.stdout.split())
    assert "pretrain: 1 steps" in text
    assert "Go on with: miais train digits --resume" in text
    assert checkpoint_of(out).is_dir()
    result = miais("train", "digits", *SMALL, "--minutes", "0", "--resume", out, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "pretrain: 2 steps" in " ".join(result.stdout.split())


@needs_photographs
def test_ctrl_c_saves_and_exits_with_130(miais, tmp_path, monkeypatch):
    """It exited with 0, as if the system were there."""
    step = PretrainTask.step

    def interrupted_step(task, number, batches):
        signal.raise_signal(signal.SIGINT)
        return step(task, number, batches)

    monkeypatch.setattr(PretrainTask, "step", interrupted_step)
    result = miais("train", "digits", *SMALL, "--out", tmp_path / "run")
    assert result.exit_code == 130
    assert "Go on with:" in " ".join(result.stdout.split())
    assert checkpoint_of(tmp_path / "run").is_dir()


@needs_photographs
def test_folder_with_a_run_is_refused(miais, tmp_path):
    arguments = ("train", "digits", *SMALL, "--minutes", "0", "--out", tmp_path / "run")
    assert miais(*arguments).exit_code == 0
    result = miais(*arguments)
    assert result.exit_code == 1
    assert "has a run already" in result.stderr


def test_another_folder_beside_resume_is_wrong_usage(miais, tmp_path):
    """--out was ignored."""
    result = miais("train", "digits", "--out", tmp_path / "a", "--resume", tmp_path / "b")
    assert result.exit_code == 2
    assert "leave out --out" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("digts",), "'digits'"),
        (("digits", "--set", "phase.stepz=1"), "did you mean 'steps'?"),
        (("digits", "--set", "phase.steps=many"), "expected int"),
        (("digits", "--set", "steps"), "expected key=value"),
        (("digits", "--accelerator", "tpu"), "'cuda'"),
    ],
)
def test_wrong_usage_exits_with_2(miais, tmp_path, monkeypatch, wrong, message):
    """Recipes and settings with a typo exited with 1."""
    monkeypatch.chdir(tmp_path)
    result = miais("train", *wrong)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("accelerator", "backend"), [("cuda", torch.cuda), ("mps", torch.backends.mps)])
def test_accelerator_that_is_not_there_is_one_clear_error(miais, tmp_path, accelerator, backend):
    """It was a RuntimeError with a traceback."""
    if backend.is_available():
        pytest.skip("this machine has one")
    result = miais("train", "digits", "--accelerator", accelerator, "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert f"cannot compute with --accelerator {accelerator}" in result.stderr
    assert "auto or cpu" in result.stderr


@pytest.mark.parametrize(
    ("given", "message"), [((), "give --data-root"), (("--data-root", "no-such/data"), "no-such/protocol")]
)
def test_missing_data_is_named(miais, tmp_path, monkeypatch, given, message):
    monkeypatch.chdir(tmp_path)
    result = miais("train", "lfw_single", "--accelerator", "cpu", *given)
    assert result.exit_code == 1
    assert message in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_lists_all_recipes(miais):
    assert get_args(RecipeName) == tuple(RECIPES)
    text = miais("train", "--help").stdout
    assert all(name in text for name in RECIPES)
