import json
import math
import signal
import time

import pytest
import torch
from support.small_training import cpu_fabric
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from miais.data.batches import Batch
from miais.image import read_image
from miais.training.checkpoint import load_checkpoint
from miais.training.loop import TrainingLoop
from miais.training.settings import PhaseSettings
from miais.training.task import Validation


class FakeData:
    """Batches that carry their number."""

    def __getitem__(self, step):
        return Batch(torch.full((4, 3, 2, 2), step % 256, dtype=torch.uint8), torch.full((4,), step), torch.empty(0))


class FakeTask:
    """Moves one weight by a random number a step; `at` does something in the middle of a step."""

    def __init__(self, at=None, scores=None):
        self.networks = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(self.networks.weight)
        self.at, self.scores = at or {}, scores or {}
        self.seen, self.moves, self.validated = [], [], {}

    @property
    def weight(self):
        return float(self.networks.weight.detach())

    def step(self, step, batches):
        self.seen.append((step, [int(batch.labels[0]) for batch in batches]))
        self.at.get(step, lambda: None)()
        self.moves.append(float(torch.rand(())))
        with torch.no_grad():
            self.networks.weight += self.moves[-1]
        return {"loss": float(step), "skipped": 0.0}

    def validate(self, step):
        self.validated[step] = self.weight
        score = self.scores.get(step, 0.1 * step)
        grid = torch.full((3, 8, 12), 51 / 255)
        return Validation(score=score, numbers={"accuracy": score}, grid=grid)

    def state_dict(self):
        return {"weight": self.networks.weight}

    def load_state_dict(self, state):
        with torch.no_grad():
            self.networks.weight.copy_(state["weight"])


def make_loop(folder, task=None, *, steps=6, accumulate=1, validate_every=2, seed=0):
    phase = PhaseSettings(steps=steps, accumulate=accumulate, validate_every=validate_every, log_every=2)
    return TrainingLoop(cpu_fabric(), task or FakeTask(), FakeData(), phase, folder, seed=seed, workers=0)


def interrupt():
    signal.raise_signal(signal.SIGINT)


def test_all_steps_are_done_in_order_with_their_own_batches(tmp_path):
    loop = make_loop(tmp_path, accumulate=3)
    result = loop.run()
    assert loop.task.seen == [(step, [3 * step, 3 * step + 1, 3 * step + 2]) for step in range(6)]
    assert (result.steps, result.finished, result.interrupted) == (6, True, False)
    assert 0 < result.seconds < 60
    assert result.images_per_second > 0
    assert 0 <= result.waiting_share < 1


def test_validation_follows_its_rhythm_and_the_last_step(tmp_path):
    loop = make_loop(tmp_path, steps=5, validate_every=2)
    loop.run()
    assert list(loop.task.validated) == [2, 4, 5]


def test_the_best_by_validation_is_kept_and_the_last_one_too(tmp_path):
    task = FakeTask(scores={2: 0.3, 4: 0.9, 6: 0.5})
    result = make_loop(tmp_path, task).run()
    assert result.best_score == 0.9
    step, best = load_checkpoint(tmp_path / "best")
    assert (step, float(best["weight"])) == (4, task.validated[4])
    step, last = load_checkpoint(tmp_path / "checkpoint")
    assert (step, float(last["task"]["weight"]), last["best_score"]) == (6, task.validated[6], 0.9)
    assert task.validated[4] != task.validated[6]


def test_a_score_that_is_not_a_number_does_not_become_the_best(tmp_path):
    result = make_loop(tmp_path, FakeTask(scores={2: 0.3, 4: math.nan, 6: 0.2})).run()
    assert result.best_score == 0.3
    assert load_checkpoint(tmp_path / "best")[0] == 2


def test_the_first_number_replaces_a_score_that_was_none(tmp_path):
    result = make_loop(tmp_path, FakeTask(scores={2: math.nan, 4: 0.1, 6: 0.05})).run()
    assert result.best_score == 0.1
    assert load_checkpoint(tmp_path / "best")[0] == 4


def test_the_best_of_earlier_runs_counts(tmp_path):
    make_loop(tmp_path, FakeTask(scores={2: 0.9}, at={1: interrupt})).run()
    loop = make_loop(tmp_path, FakeTask(scores={4: 0.5, 6: 0.6}))
    loop.resume()
    assert loop.run().best_score == 0.9
    assert load_checkpoint(tmp_path / "best")[0] == 2


def test_a_resumed_loop_repeats_the_uninterrupted_one(tmp_path):
    whole = make_loop(tmp_path / "whole")
    whole.run()
    first = make_loop(tmp_path / "parts", FakeTask(at={2: interrupt}))
    assert first.run().steps == 3
    second = make_loop(tmp_path / "parts")
    second.resume()
    assert second.run().finished
    assert first.task.seen + second.task.seen == whole.task.seen
    assert second.task.weight == whole.task.weight


def test_the_time_of_earlier_runs_counts(tmp_path):
    """What a run does after its last checkpoint, on a busy machine longer than the next run, nobody can count."""
    make_loop(tmp_path, FakeTask(at={0: lambda: time.sleep(0.2), 2: interrupt})).run()
    saved = load_checkpoint(tmp_path / "checkpoint")[1]["seconds"]
    loop = make_loop(tmp_path)
    loop.resume()
    assert loop.run().seconds > saved >= 0.2


def test_each_step_and_each_seed_has_random_numbers_of_its_own(tmp_path):
    moves = set()
    for seed in (0, 1):
        loop = make_loop(tmp_path / str(seed), seed=seed)
        loop.run()
        moves |= set(loop.task.moves)
    assert len(moves) == 12


def test_minutes_stop_early_and_save(tmp_path):
    result = make_loop(tmp_path, FakeTask(at={1: lambda: time.sleep(0.05)})).run(minutes=0.05 / 60)
    assert (result.steps, result.finished, result.interrupted) == (2, False, False)
    assert load_checkpoint(tmp_path / "checkpoint")[0] == 2


def test_no_time_at_all_does_one_step(tmp_path):
    assert make_loop(tmp_path).run(minutes=0).steps == 1


def test_ctrl_c_ends_the_step_saves_and_is_reported(tmp_path):
    previous = signal.getsignal(signal.SIGINT)
    task = FakeTask(at={2: interrupt})
    result = make_loop(tmp_path, task).run()
    assert (result.steps, result.finished, result.interrupted) == (3, False, True)
    step, state = load_checkpoint(tmp_path / "checkpoint")
    assert step == 3
    assert float(state["task"]["weight"]) == task.weight > 0
    assert signal.getsignal(signal.SIGINT) is previous


def test_a_second_ctrl_c_stops_at_once_and_leaves_the_last_checkpoint(tmp_path):
    previous = signal.getsignal(signal.SIGINT)
    task = FakeTask(at={3: lambda: (interrupt(), interrupt())})
    with pytest.raises(KeyboardInterrupt):
        make_loop(tmp_path, task).run()
    assert load_checkpoint(tmp_path / "checkpoint")[0] == 2
    assert signal.getsignal(signal.SIGINT) is previous


def test_an_error_in_a_step_gives_ctrl_c_back(tmp_path):
    previous = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError):
        make_loop(tmp_path, FakeTask(at={0: lambda: 1 / 0})).run()
    assert signal.getsignal(signal.SIGINT) is previous


def test_a_finished_run_resumes_to_nothing(tmp_path):
    make_loop(tmp_path).run()
    loop = make_loop(tmp_path)
    loop.resume()
    result = loop.run()
    assert (result.steps, result.finished, loop.task.seen) == (6, True, [])
    assert result.images_per_second == 0
    assert load_checkpoint(tmp_path / "checkpoint")[0] == 6


def test_a_step_is_saved_once(tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr("miais.training.loop.save_checkpoint", lambda *given: saved.append((given[0].name, given[1])))
    make_loop(tmp_path, FakeTask(scores={2: 0.9})).run()
    assert saved == [("best", 2), ("checkpoint", 2), ("checkpoint", 4), ("checkpoint", 6)]


def test_resuming_without_a_checkpoint_is_a_clear_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"expected a checkpoint in .*checkpoint, found none; train without"):
        make_loop(tmp_path).resume()


def test_logs_are_for_tensorboard(tmp_path):
    make_loop(tmp_path).run()
    events = EventAccumulator(str(tmp_path / "logs")).Reload()
    assert {"loss", "images_per_second", "validation/accuracy"} <= set(events.Tags()["scalars"])
    found = [(event.step, event.value) for event in events.Scalars("loss")]
    assert found == [(2, 1.0), (4, 3.0), (6, 5.0)]
    assert [event.step for event in events.Scalars("validation/accuracy")] == [2, 4, 6]


def test_sample_grids_are_png_files(tmp_path):
    make_loop(tmp_path).run()
    files = sorted((tmp_path / "samples").iterdir())
    assert [file.name for file in files] == [f"step-{step:08d}.png" for step in (2, 4, 6)]
    assert torch.equal(read_image(files[0]), torch.full((3, 8, 12), 51 / 255))


def test_validation_is_printed(tmp_path, capsys):
    make_loop(tmp_path, steps=2).run()
    assert "step 2: accuracy 0.2" in capsys.readouterr().out


def test_the_checkpoint_is_plain_json_and_safetensors(tmp_path):
    make_loop(tmp_path).run()
    folder = tmp_path / "checkpoint" / "step-00000006"
    assert sorted(file.name for file in folder.iterdir()) == ["state.json", "tensors.safetensors"]
    assert json.loads((folder / "state.json").read_text())["step"] == 6


@pytest.mark.parametrize("name", ["steps", "accumulate", "validate_every", "log_every"])
def test_phase_settings_out_of_range_are_refused(name):
    with pytest.raises(ValueError, match=f"expected {name} of at least 1, got 0"):
        PhaseSettings(**{name: 0})
