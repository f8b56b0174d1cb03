import json
import math
import os
from pathlib import Path

import pytest
import torch

from miais.training import checkpoint
from miais.training.checkpoint import has_checkpoint, load_checkpoint, save_checkpoint


def make_state(value=1.0):
    weight = torch.randn(4, 3, 2, 2, generator=torch.Generator().manual_seed(0)).to(memory_format=torch.channels_last)
    parameter = torch.nn.Parameter(weight * value)
    return {
        "task": {
            "networks": {"a.weight": parameter, "tied": parameter, "count": torch.tensor(7)},
            "optimizer": {
                "state": {0: {"momentum_buffer": weight * 3, "step": torch.tensor(5.0)}, 11: {"momentum_buffer": None}},
                "param_groups": [{"lr": 0.1, "betas": [0.9, 0.999], "foreach": None, "params": [0, 11]}],
            },
            "plateau": {"best": math.inf, "last": -math.inf, "name": "ü"},
            "types": [torch.tensor([True, False]), torch.tensor([1.5], dtype=torch.bfloat16), torch.empty(0, 3)],
            "transposed": weight[:, :, 0, 0].T,
        },
        "best_score": 0.1 + 0.2,
        "third": 1 / 3,
    }


def assert_same(found, wanted):
    if isinstance(wanted, torch.Tensor):
        assert found.dtype == wanted.dtype
        assert torch.equal(found, wanted)
    elif isinstance(wanted, dict):
        assert list(found) == list(wanted)  # also tells 0 from "0"
        for key in wanted:
            assert_same(found[key], wanted[key])
    elif isinstance(wanted, list):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_same(one, other)
    else:
        assert type(found) is type(wanted)
        assert found == wanted


def test_nested_state_comes_back_bit_for_bit(tmp_path):
    save_checkpoint(tmp_path, 3, make_state())
    step, state = load_checkpoint(tmp_path)
    assert step == 3
    assert_same(state, make_state())
    assert not any(tensor.requires_grad for tensor in state["task"]["networks"].values())


def test_not_a_number_comes_back(tmp_path):
    save_checkpoint(tmp_path, 0, {"best_score": math.nan})
    assert math.isnan(load_checkpoint(tmp_path)[1]["best_score"])


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_a_real_optimizers_state_comes_back(tmp_path, name):
    network = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.Flatten(), torch.nn.Linear(3, 2))
    kind = {"sgd": torch.optim.SGD, "adamw": torch.optim.AdamW}[name]
    settings = {"momentum": 0.9} if name == "sgd" else {}
    optimizer = kind(network.parameters(), lr=0.1, **settings)
    network(torch.rand(4, 2, 3, 3)).square().sum().backward()
    optimizer.step()
    save_checkpoint(tmp_path, 1, optimizer.state_dict())
    found, wanted = load_checkpoint(tmp_path)[1], optimizer.state_dict()
    assert list(found["state"]) == [0, 1, 2, 3]
    assert_same(found["state"], wanted["state"])
    other = kind(network.parameters(), lr=0.1, **settings)
    other.load_state_dict(found)
    assert_same(other.state_dict()["state"], wanted["state"])


def test_tensors_that_share_memory_are_stored_apart(tmp_path):
    whole = torch.arange(6.0)
    save_checkpoint(tmp_path, 0, {"whole": whole, "part": whole[2:4], "again": whole})
    state = load_checkpoint(tmp_path)[1]
    assert state["part"].tolist() == [2, 3]
    state["again"].zero_()
    assert state["whole"].tolist() == [0, 1, 2, 3, 4, 5]


def test_the_newest_is_loaded_and_older_ones_are_removed(tmp_path):
    for step in (9, 10, 100_000):
        saved = save_checkpoint(tmp_path, step, {"step": step})
        assert [path.name for path in tmp_path.iterdir()] == [saved.name]
    assert load_checkpoint(tmp_path) == (100_000, {"step": 100_000})


def test_several_are_kept_where_asked_for(tmp_path):
    for step in range(5):
        save_checkpoint(tmp_path, step, {}, keep=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000002", "step-00000003", "step-00000004"]


def test_the_one_just_written_is_kept_even_if_another_run_went_further(tmp_path):
    save_checkpoint(tmp_path, 8, {"run": 1})
    save_checkpoint(tmp_path, 5, {"run": 2})
    assert load_checkpoint(tmp_path) == (5, {"run": 2})


def test_a_step_can_be_saved_again(tmp_path):
    for run in (1, 2, 3):
        save_checkpoint(tmp_path, 8, {"run": run})
        assert load_checkpoint(tmp_path) == (8, {"run": run})
        assert len(list(tmp_path.iterdir())) == 1


class Killed(BaseException):
    """The process ends here: no `except Exception` of the code sees it."""


def crash_at(monkeypatch, owner, name, call):
    """Let the process end in call number `call` of a function."""
    honest, calls = getattr(owner, name), iter(range(100))

    def function(*arguments, **keywords):
        if next(calls) == call:
            raise Killed
        return honest(*arguments, **keywords)

    monkeypatch.setattr(owner, name, function)


CRASHES = {
    "while the tensors are written": (checkpoint, "save_file", 0),
    "while the rest is written": (Path, "write_text", 0),
    "before it is on the disk": (os, "fsync", 0),
    "in the middle of that": (os, "fsync", 1),
    "before the first renaming": (Path, "rename", 0),
    "before the second renaming": (Path, "rename", 1),
    "before anything is removed": (checkpoint.shutil, "rmtree", 1),
    "before the older one is removed": (checkpoint.shutil, "rmtree", 2),
}


@pytest.mark.parametrize("when", CRASHES)
@pytest.mark.parametrize("step", [4, 5])
def test_a_crash_leaves_a_whole_checkpoint(tmp_path, monkeypatch, when, step):
    save_checkpoint(tmp_path, 4, make_state(1.0))
    with monkeypatch.context() as patched:
        crash_at(patched, *CRASHES[when])
        crashed = True
        try:
            save_checkpoint(tmp_path, step, make_state(2.0))
            crashed = False
        except Killed:
            pass
    found, state = load_checkpoint(tmp_path)
    if crashed and "remov" not in when:
        assert found == 4
        assert_same(state, make_state(1.0))
    else:
        assert found == step
    assert any(torch.equal(state["task"]["transposed"], make_state(v)["task"]["transposed"]) for v in (1.0, 2.0))
    save_checkpoint(tmp_path, 6, make_state(3.0))
    assert_same(load_checkpoint(tmp_path)[1], make_state(3.0))
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["step-00000006"]


def test_a_half_removed_checkpoint_is_not_one(tmp_path):
    save_checkpoint(tmp_path, 1, {"run": 1})
    half = tmp_path / "step-00000001~"
    half.mkdir()
    (half / "state.json").write_text("{}")
    assert load_checkpoint(tmp_path) == (1, {"run": 1})


def test_no_checkpoint_is_named(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        assert not has_checkpoint(folder)
        with pytest.raises(FileNotFoundError, match=r"expected a checkpoint in .*without --resume"):
            load_checkpoint(folder)
    save_checkpoint(tmp_path, 0, {})
    assert has_checkpoint(tmp_path)


@pytest.mark.parametrize("name", ["state.json", "tensors.safetensors"])
@pytest.mark.parametrize("damage", ["truncated", "empty", "foreign"])
def test_damaged_files_are_named(tmp_path, name, damage):
    file = save_checkpoint(tmp_path, 2, make_state()) / name
    whole = file.read_bytes()
    file.write_bytes(
        {"truncated": whole[: len(whole) // 2], "empty": b"", "foreign": b"\x89PNG\r\n\x1a\n" * 40}[damage]
    )
    with pytest.raises(ValueError, match=r"expected a checkpoint in .*step-00000002, found a damaged or foreign one"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("content", [[], {"a": 1}, {"step": 1}, {"step": 1, "state": {"__tensor__": "absent"}}, 3])
def test_json_of_somebody_else_is_named(tmp_path, content):
    folder = save_checkpoint(tmp_path, 2, make_state())
    (folder / "state.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match="damaged or foreign"):
        load_checkpoint(tmp_path)
